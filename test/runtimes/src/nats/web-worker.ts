import { takePart } from './participant.js';

// The page says first where servers are.
self.onmessage = async ({ data }) => {
  const { happen, left } = takePart(self.name, data);
  await happen.ready();
  self.postMessage('ready');
  self.postMessage(await left);
};
