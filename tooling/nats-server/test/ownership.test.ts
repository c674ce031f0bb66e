import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../src/index.js';

const program = fileURLToPath(new URL('processes/owner.mjs', import.meta.url));

/** A process that owns servers, whose temporary folder is its own. */
function startOwner(way: string, { detached = false } = {}) {
  const temporary = mkdtempSync(join(tmpdir(), 'happen-owner-'));
  const owner = spawn(process.execPath, [program, way], {
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached,
  });
  const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
  onTestFinished(() => {
    owner.kill('SIGKILL');
    rmSync(temporary, { recursive: true, force: true });
  });
  const line = async () => (await lines.next()).value as string;
  return { owner, temporary, line };
}

/** Every process whose command line mentions the text. */
function processesWith(text: string): string[] {
  if (!existsSync('/proc/self/cmdline')) {
    const all = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
    return all.split('\n').filter((line) => line.includes(text));
  }
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes(text) ? [command] : [];
    } catch {
      return [];
    }
  });
}

async function leavesNothing(temporary: string) {
  await vi.waitFor(
    () => {
      expect(processesWith(temporary)).toEqual([]);
      expect(readdirSync(temporary)).toEqual([]);
    },
    { timeout: 20_000, interval: 20 },
  );
}

const exited = (owner: ChildProcess) => once(owner, 'exit') as Promise<[number | null, string | null]>;

describe('servers end with the process that started them', () => {
  it.each(['natural', 'exit', 'throw'])('when it ends by itself: %s', async (way) => {
    const { owner, temporary, line } = startOwner(way);
    const ending = exited(owner);
    await line();
    const pids = JSON.parse(await line()) as number[];
    expect(pids).toHaveLength(2);
    expect((await ending)[0]).toBe({ natural: 0, exit: 3, throw: 1 }[way]);
    await leavesNothing(temporary);
  });

  it.each([
    { what: 'it', group: false },
    { what: 'its process group', group: true },
  ])('when $what is killed', async ({ group }) => {
    const { owner, temporary, line } = startOwner('wait', { detached: group });
    const ending = exited(owner);
    await line();
    await line();
    expect(processesWith(temporary)).toHaveLength(2);
    process.kill(group ? -Number(owner.pid) : Number(owner.pid), 'SIGKILL');
    expect((await ending)[1]).toBe('SIGKILL');
    await leavesNothing(temporary);
  });

  it('when it is killed at any moment of the start', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const { owner, temporary, line } = startOwner('wait');
        const ending = exited(owner);
        await line();
        await pause(index * 12);
        owner.kill('SIGKILL');
        await ending;
        await leavesNothing(temporary);
      }),
    );
  });
});

it('servers end when what keeps them is killed', async () => {
  const { owner, temporary, line } = startOwner('wait');
  await line();
  const pids = JSON.parse(await line()) as number[];
  const status = readFileSync(`/proc/${pids[0]}/status`, 'utf8');
  const keeper = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
  expect(keeper).not.toBe(owner.pid);
  process.kill(keeper, 'SIGKILL');
  await leavesNothing(temporary);
  expect(owner.exitCode).toBeNull();
});

it('a server that crashes is noticed', async () => {
  const server = await startServer();
  onTestFinished(() => server.stop());
  process.kill(server.pid, 'SIGKILL');
  await expect(server.whenEnded()).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  expect(server.running).toBe(false);
  await server.restart();
  expect(server.running).toBe(true);
});
