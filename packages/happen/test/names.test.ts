import { readFileSync } from 'node:fs';
import * as core from '@happen/core';
import { expect, it } from 'vitest';
import * as happen from '../src/index.js';

/** The names in the lists of an entry, values and types alike. */
function namesIn(path: string): string[] {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  return [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) => list.match(/\w+/g) ?? []);
}

it('has every name of core, and a space of its own making', () => {
  const names = new Set(namesIn('../src/index.ts'));
  const missing = namesIn('../../core/src/index.ts').filter((name) => !names.has(name));
  expect(missing).toEqual([]);
  expect(Object.keys(happen).sort()).toEqual(Object.keys(core).sort());
  expect(happen.initializeHappen).not.toBe(core.initializeHappen);
  expect(happen.HappenError).toBe(core.HappenError);
});
