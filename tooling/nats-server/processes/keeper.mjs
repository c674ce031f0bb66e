/**
 * Keeps the servers of the process that started this one. They are this process's children, and it ends when the channel to
 * its parent closes, which no kind of death of the parent can prevent: so they end too, and their folder goes with them.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {import('../src/run/keeper-protocol.js').Order} Order */
/** @typedef {import('../src/run/keeper-protocol.js').Notice} Notice */

const folder = mkdtempSync(join(tmpdir(), 'happen-nats-servers-'));

/** @type {Map<number, import('node:child_process').ChildProcess>} */
const servers = new Map();

/** @param {Notice} notice */
function tell(notice) {
  // The parent may be gone by now, which `disconnect` takes care of.
  if (process.connected) process.send?.(notice, () => {});
}

/** @param {Extract<Order, { type: 'start' }>} order */
function start({ id, command, args, log }) {
  const output = log === undefined ? 2 : openSync(log, 'a');
  const server = spawn(command, args, { stdio: ['ignore', output, output], cwd: folder });
  if (log !== undefined) closeSync(output);
  if (server.pid !== undefined) {
    servers.set(id, server);
    tell({ type: 'started', id, pid: server.pid });
  }
  server.once('error', (error) => tell({ type: 'failed', id, message: error.message }));
  server.once('exit', (code, signal) => {
    servers.delete(id);
    tell({ type: 'ended', id, code, signal });
  });
}

/** @param {unknown} message */
function obey(message) {
  const order = /** @type {Order} */ (message);
  if (order.type === 'start') {
    try {
      start(order);
    } catch (error) {
      tell({ type: 'failed', id: order.id, message: error instanceof Error ? error.message : String(error) });
    }
  } else {
    tell({ type: 'signalled', id: order.id, delivered: servers.get(order.id)?.kill(order.signal) ?? false });
  }
}

function removeFolder() {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

function end() {
  process.off('message', obey);
  if (servers.size === 0) return removeFolder();
  for (const server of servers.values()) {
    server.once('exit', () => {
      if (servers.size === 0) removeFolder();
    });
    // A stopped process ends on this one too.
    server.kill('SIGKILL');
  }
}

process.on('message', obey);
process.once('disconnect', end);
// Ctrl-C is the parent's to answer.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
// The parent may have died while this program was read.
if (process.connected) tell({ type: 'ready', folder });
else end();
