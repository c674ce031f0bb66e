import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

describe('ports that are not to keep the process running', () => {
  it('let it end by itself when nothing waits any more, and not before', async () => {
    const program = fileURLToPath(new URL('threads/idle.ts', import.meta.url));
    const options = ['--conditions=happen-source', '--import', import.meta.resolve('tsx'), program];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, options, { timeout: 30_000 });
    expect(stderr).toBe('');
    expect(stdout).toBe('42\n');
  });
});
