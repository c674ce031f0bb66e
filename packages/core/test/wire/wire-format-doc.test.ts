import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventVersion } from '../../src/wire/event-encoding.js';
import { extensionTypes, firstTypedArrayType, typedArrays } from '../../src/wire/extensions.js';
import { defaultFrameBounds } from '../../src/wire/frame-builder.js';
import { frameVersion, header } from '../../src/wire/frame-header.js';
import { defaultWireLimits, envelopeLimits } from '../../src/wire/limits.js';
import type { MalformedReason } from '../../src/wire/malformed.js';
import { messageKinds } from '../../src/wire/message-record.js';
import malformedVectors from './golden/malformed.json' with { type: 'json' };
import { hexOf } from './notation.js';

const text = readFileSync(new URL('../../../../docs/wire-format.md', import.meta.url), 'utf8');

/** The rows of the first table after `heading` whose header begins with `first`. */
function table(heading: string, first: string): string[][] {
  const lines = text.slice(text.indexOf(`\n${heading}\n`)).split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  expect(start).toBeGreaterThan(0);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

function number(cell: string | undefined): number {
  return Number(cell?.replaceAll(' ', '').replace('−', '-'));
}

function named(rows: string[][]): Record<string, number> {
  return Object.fromEntries(rows.map(([name, value]) => [name, number(value)]));
}

describe('the specification says what the code does', () => {
  test('of the extension types', () => {
    const rows = table('### Extension types', 'type').map(([type, value]) => [number(type), value]);
    const names = { timestamp: 'Date', bigint: 'bigint', map: 'Map', set: 'Set', error: 'Error' };
    const known = Object.entries(names).map(([key, name]) => [extensionTypes[key as keyof typeof names], name]);
    expect(rows).toEqual([...known, ...typedArrays.map(({ name }, index) => [firstTypedArrayType + index, name])]);
    expect(Object.keys(extensionTypes)).toEqual(Object.keys(names));
  });

  test('of the kinds of messages', () => {
    const rows = table('### Message kinds', 'kind');
    expect(Object.fromEntries(rows.map(([kind, name]) => [name, number(kind)]))).toEqual(messageKinds);
  });

  test('of the limits', () => {
    expect(named(table('## Limits', 'limit'))).toEqual(defaultWireLimits);
    expect(named(table('## Limits', 'fixed limit'))).toEqual(envelopeLimits);
    for (const bound of [defaultFrameBounds.targetBytes, defaultFrameBounds.maxMessages]) {
      expect(text.slice(text.indexOf('### Message kinds'), text.indexOf('## Limits'))).toContain(
        bound.toLocaleString('en').replaceAll(',', ' '),
      );
    }
  });

  test('of the header and the versions', () => {
    const rows = table('## Frames', 'bytes').map(([, what]) => what);
    expect(rows[0]?.replace(' ', '')).toBe(hexOf(header.slice(0, 2)));
    expect(rows[1]).toBe(`the version: ${hexOf(Uint8Array.of(frameVersion))}`);
    expect(table('## Events', 'position')[0]).toEqual(['0', 'version', `${eventVersion}`]);
  });

  test('of the reasons for refusing, each of which has a vector or is tested as a limit', () => {
    const reasons: Record<MalformedReason, true> = {
      magic: true,
      version: true,
      flags: true,
      size: true,
      truncated: true,
      trailing: true,
      depth: true,
      items: true,
      utf8: true,
      keys: true,
      form: true,
      extension: true,
      schema: true,
    };
    const documented = table('## Refusing', 'reason').map(([reason]) => reason);
    expect(documented).toEqual(Object.keys(reasons));
    const withVectors = new Set(malformedVectors.map(({ reason }) => reason));
    expect(documented.filter((reason) => !withVectors.has(reason ?? ''))).toEqual(['size', 'depth', 'items']);
  });
});
