import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../src');

/** What a module needs at run time: its imports but for types. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(?!type\s)[^;]*?from '([^']+)'/gm)].map((match) => match[1] as string);
}

/** Every module that an entry brings along, and what it needs from other packages. */
function reachedFrom(entry: string): { readonly modules: Set<string>; readonly packages: Set<string> } {
  const modules = new Set([entry]);
  const packages = new Set<string>();
  for (const module of modules) {
    for (const name of importsOf(module)) {
      if (name.startsWith('.')) modules.add(join(dirname(module), name.replace(/\.js$/, '.ts')));
      else if (name === '#host') for (const host of ['node', 'browser']) modules.add(join(source, `host/${host}.ts`));
      else packages.add(name);
    }
  }
  return { modules, packages };
}

it('the package by itself needs hashes and what the runtime has of them, and brings along no transport but that in memory', () => {
  const { modules, packages } = reachedFrom(join(source, 'index.ts'));
  expect([...packages].sort()).toEqual(['@noble/hashes/sha2.js', 'node:async_hooks', 'node:crypto']);
  const paths = [...modules].map((module) => relative(source, module));
  expect(paths).toContain('memory/memory-transport.ts');
  expect(paths.filter((path) => path.startsWith('message-port'))).toEqual([]);
});

it('OpenTelemetry is needed by the entry for it, and by no other', () => {
  expect([...reachedFrom(join(source, 'otel.ts')).packages]).toContain('@opentelemetry/api');
  const others = readdirSync(source).filter((name) => name.endsWith('.ts') && name !== 'otel.ts');
  expect(others).toContain('index.ts');
  for (const other of others) {
    const { modules, packages } = reachedFrom(join(source, other));
    expect(modules.size, other).toBeGreaterThan(1);
    expect([...packages], other).not.toContain('@opentelemetry/api');
    expect(
      [...modules].map((module) => relative(source, module)).filter((module) => module.startsWith('otel')),
      other,
    ).toEqual([]);
  }
});
