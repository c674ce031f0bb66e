import { HappenError } from '../errors/happen-error.js';
import type { MapChange, MapEntry } from '../ports/store.js';
import { ToldLater } from './told-later.js';

/** The contents of one map, shared by all stores that are open on it. Values inside are never handed out. */
export class MapData {
  readonly #entries = new Map<string, MapEntry>();
  readonly #watchers = new Set<Watcher>();
  #revision = 0;

  get(key: string): MapEntry | undefined {
    return this.#entries.get(key);
  }

  put(key: string, value: Uint8Array, expected: number | undefined): number {
    this.#compare(key, expected);
    const entry: MapEntry = { key, value, revision: ++this.#revision };
    this.#entries.set(key, entry);
    this.#tell({ kind: 'put', ...entry });
    return entry.revision;
  }

  delete(key: string, expected: number | undefined): boolean {
    this.#compare(key, expected);
    if (!this.#entries.delete(key)) return false;
    this.#tell({ kind: 'delete', key, revision: ++this.#revision });
    return true;
  }

  keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix));
  }

  watch(key: string | undefined, changed: (change: MapChange) => void): () => void {
    const told = new ToldLater<MapChange>((change) => {
      changed(change.kind === 'put' ? { ...change, value: change.value.slice() } : change);
    });
    const watcher: Watcher = { key, told };
    for (const entry of this.#entries.values()) {
      if (key === undefined || key === entry.key) told.add({ kind: 'put', ...entry });
    }
    this.#watchers.add(watcher);
    return () => {
      told.close();
      this.#watchers.delete(watcher);
    };
  }

  #compare(key: string, expected: number | undefined): void {
    const revision = this.#entries.get(key)?.revision ?? 0;
    if (expected === undefined || expected === revision) return;
    throw new HappenError(
      'HAPPEN_STORE_CONFLICT',
      `The key ${JSON.stringify(key)} is at revision ${revision}, not at ${expected}. Read it again and decide anew.`,
      { details: { key, revision, expected } },
    );
  }

  #tell(change: MapChange): void {
    for (const { key, told } of this.#watchers) if (key === undefined || key === change.key) told.add(change);
  }
}

interface Watcher {
  readonly key: string | undefined;
  readonly told: ToldLater<MapChange>;
}
