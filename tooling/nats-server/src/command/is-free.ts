import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether nobody listens on a port of 127.0.0.1 at this moment. */
export async function isFree(port: number): Promise<boolean> {
  const listener = createServer();
  try {
    await once(listener.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(listener.close(), 'close');
  return true;
}
