import { type Journal, memoryStore, type Store, type StoreMap } from '@happen/core';
import type { StoreSubject } from '../../src/index.js';

/** Changes a sound store in one way. What it leaves out stays sound. */
export interface StoreTwist {
  readonly store?: (sound: Store) => Partial<Store>;
  readonly map?: (sound: StoreMap, name: string) => Partial<StoreMap>;
  readonly journal?: (sound: Journal, name: string) => Partial<Journal>;
  /** Whether each store has contents of its own. */
  readonly apart?: boolean;
}

/** A subject whose stores have one fault. The twist is made anew for each database. */
export function twistedSubject(label: string, twist: () => StoreTwist): StoreSubject {
  return {
    label,
    // Long enough for what works to work, short enough for what does not to be waited for a hundred times.
    patienceMs: 250,
    open() {
      const first = memoryStore();
      const made = twist();
      return {
        connect: () => twistedStore(made.apart === true ? memoryStore() : memoryStore({ sharing: first }), made),
        close: () => first.close(),
      };
    },
  };
}

function twistedStore(sound: Store, twist: StoreTwist): Store {
  const plain: Store = {
    name: sound.name,
    map: (name) => twistedMap(sound.map(name), name, twist),
    journal: (name) => twistedJournal(sound.journal(name), name, twist),
    close: () => sound.close(),
  };
  return { ...plain, ...twist.store?.(plain) };
}

function twistedMap(sound: StoreMap, name: string, twist: StoreTwist): StoreMap {
  const plain: StoreMap = {
    get: (key) => sound.get(key),
    put: (key, value, expected) => sound.put(key, value, expected),
    delete: (key, expected) => sound.delete(key, expected),
    keys: (prefix) => sound.keys(prefix),
    watch: (key, changed) => sound.watch(key, changed),
  };
  return { ...plain, ...twist.map?.(plain, name) };
}

function twistedJournal(sound: Journal, name: string, twist: StoreTwist): Journal {
  const plain: Journal = {
    append: (value, expected) => sound.append(value, expected),
    last: () => sound.last(),
    read: (from) => sound.read(from),
    follow: (from, appended) => sound.follow(from, appended),
    trim: (firstKept) => sound.trim(firstKept),
  };
  return { ...plain, ...twist.journal?.(plain, name) };
}
