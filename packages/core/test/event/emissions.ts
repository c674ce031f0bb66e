import { defineExtension, type Extension, type HappenEvent } from '../../src/index.js';

/** An extension that keeps each event as its sender's process sees it when it leaves. */
export function emissions(): { readonly extension: Extension; readonly all: HappenEvent[] } {
  const all: HappenEvent[] = [];
  const extension = defineExtension({
    name: 'emissions',
    install: () => ({ emission: () => ({ stamped: (events) => void all.push(...events) }) }),
  });
  return { extension: extension as Extension, all };
}
