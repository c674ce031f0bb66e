import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { archiveOf } from '../src/find/debian-archive.js';

function settings(files: { readonly [path: string]: string }) {
  const etc = mkdtempSync(join(tmpdir(), 'happen-apt-'));
  onTestFinished(() => rmSync(etc, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(etc, 'apt', dirname(path)), { recursive: true });
    writeFileSync(join(etc, 'apt', path), text);
  }
  return etc;
}

it('reads the form with a field per line, and passes over security, sources, others and what is switched off', () => {
  const etc = settings({
    'sources.list.d/a.sources': 'Types: deb\nURIs: https://example.org/node\nSuites: nodistro\nSigned-By: /a.gpg\n',
    'sources.list.d/debian.sources': `Types: deb
# http://example.org/debian
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://src.example.org/debian
Suites: bookworm

Enabled: no
Types: deb
URIs: http://off.example.org/debian
Suites: bookworm

Types: deb deb-src
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 AAAA
 -----END PGP PUBLIC KEY BLOCK-----
`,
  });
  const { uri, key } = archiveOf(etc);
  expect(uri).toBe('http://mirror.example.org/debian/');
  expect(key).toBe('\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n AAAA\n -----END PGP PUBLIC KEY BLOCK-----');
});

it.each([
  ['deb [arch=amd64 signed-by=/k.gpg] http://m.example.org/debian trixie main', '/k.gpg'],
  ['deb http://m.example.org/debian trixie main contrib', undefined],
])('reads the form with a line per source: %s', (line, key) => {
  const text = `# deb http://off.example.org/debian trixie main\ndeb http://m.example.org/debian trixie-updates main\n${line}\n`;
  const etc = settings({ 'sources.list': text });
  expect(archiveOf(etc)).toEqual({ uri: 'http://m.example.org/debian', key });
});

it('says so if no mirror is named', () => {
  expect(() => archiveOf(settings({ 'sources.list': '' }))).toThrow('no mirror of Debian');
});
