import { askAcross, askAcrossHub, findings } from './checks.js';

Object.assign(globalThis, {
  async report() {
    const worker = (id: string): Worker => new Worker('/web-worker.js', { type: 'module', name: id });
    return {
      page: await findings(),
      worker: await askAcross(worker('thread')),
      hub: await askAcrossHub([worker('thread'), worker('other-thread')]),
    };
  },
});
