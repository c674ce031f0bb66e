import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findServer } from '@happen/nats-server';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './documents.js';

const folder = mkdtempSync(join(tmpdir(), 'happen-configurations-'));
const certificates = join(root, 'tooling/nats-server/test/fixtures');
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
const ofPage = [...page.matchAll(/^```conf\n([\s\S]*?)^```$/gm)].map(([, text = ''], at) => ({
  name: `docs/deployment.md, ${at + 1}`,
  text,
}));
const [, content = ''] =
  /content: \|\n([\s\S]*?)\n\n?volumes:/.exec(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) ?? [];
const all = [...ofPage, { name: 'docker-compose.yml', text: content }];

/** Has a server read a configuration without starting, its certificates being ours. */
async function check(text: string, version: 'floor' | 'newest'): Promise<string> {
  const file = join(folder, 'server.conf');
  const own = text
    .replaceAll('/etc/nats/server.pem', join(certificates, 'certificate.pem'))
    .replaceAll('/etc/nats/server-key.pem', join(certificates, 'key.pem'))
    .replaceAll('/data', folder);
  writeFileSync(file, own);
  const { path } = await findServer({ version });
  try {
    const { stderr } = await promisify(execFile)(path, ['-t', '-c', file]);
    return stderr;
  } catch (error) {
    return String(error);
  }
}

describe.each(['floor', 'newest'] as const)('on the %s server', (version) => {
  it.each(all)('$name is a configuration', async ({ text }) => {
    expect(text.length).toBeGreaterThan(50);
    expect(await check(text, version)).toMatch(/configuration file .* is valid/);
  });

  it('tells a wrong one', async () => {
    expect(await check('websocket { lisen: 1 }', version)).not.toMatch(/is valid/);
  });
});
