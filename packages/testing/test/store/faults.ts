import { HappenError, type Journal, type JournalRecord, type MapChange, type StoreMap } from '@happen/core';
import type { StoreTwist } from './twisted.js';

/** One way to be broken, and the clauses that must notice. */
export interface StoreFault {
  readonly clauses: readonly string[];
  readonly twist: () => StoreTwist;
}

const operations = [
  'map',
  'journal',
  'get',
  'put',
  'delete',
  'keys',
  'watch',
  'append',
  'last',
  'read',
  'follow',
  'trim',
];
const when = (moment: string): string[] => operations.map((name) => `${name} fails with HAPPEN_CLOSED ${moment}`);
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
const onMap = (map: StoreTwist['map'] & {}) => (): StoreTwist => ({ map });
const onJournal = (journal: StoreTwist['journal'] & {}) => (): StoreTwist => ({ journal });

const maps: Record<string, StoreFault> = {
  'has no name': { clauses: ['has a name'], twist: () => ({ store: () => ({ name: '' }) }) },
  'finds an empty value where there is none': {
    clauses: ['finds nothing under a key that was not put', 'removes a key, and says whether it was there'],
    twist: onMap((sound) => ({
      get: async (key) => (await sound.get(key)) ?? { key, value: new Uint8Array(), revision: 0 },
    })),
  },
  'reads stale values': {
    clauses: ['reads its own writes'],
    twist: onMap((sound) => {
      let before: Awaited<ReturnType<StoreMap['get']>>;
      return {
        async get(key) {
          const stale = before;
          before = await sound.get(key);
          return stale ?? before;
        },
      };
    }),
  },
  'keeps what it has read once': {
    clauses: ['reads what another store has written'],
    twist: onMap((sound) => {
      const cache = new Map<string, Awaited<ReturnType<StoreMap['get']>>>();
      return {
        async get(key) {
          if (!cache.has(key)) cache.set(key, await sound.get(key));
          return cache.get(key);
        },
      };
    }),
  },
  'counts revisions for each key apart': {
    clauses: ['gives every change of a map a higher revision'],
    twist: onMap((sound) => {
      const counts = new Map<string, number>();
      return {
        async put(key, value, expected) {
          await sound.put(key, value, expected);
          counts.set(key, (counts.get(key) ?? 0) + 1);
          return counts.get(key) as number;
        },
      };
    }),
  },
  'begins again after a removal': {
    clauses: ['gives every change of a map a higher revision'],
    twist: onMap((sound) => {
      let offset = 0;
      return {
        async put(key, value, expected) {
          return (await sound.put(key, value, expected)) - offset;
        },
        async delete(key, expected) {
          offset = 3;
          return sound.delete(key, expected);
        },
      };
    }),
  },
  'loses empty values': {
    clauses: ['keeps values of every size'],
    twist: onMap((sound) => ({
      async get(key) {
        const entry = await sound.get(key);
        return entry?.value.length === 0 ? undefined : entry;
      },
    })),
  },
  'cuts off long values': {
    clauses: ['keeps values of every size'],
    twist: onMap((sound) => ({ put: (key, value, expected) => sound.put(key, value.slice(0, 65_535), expected) })),
  },
  'keeps the array it was given': {
    clauses: ['copies a value on its way in'],
    twist: () => {
      const kept = new Map<string, Uint8Array>();
      return {
        map: (sound) => ({
          put(key, value, expected) {
            kept.set(key, value);
            return sound.put(key, value, expected);
          },
          async get(key) {
            const entry = await sound.get(key);
            return entry && { ...entry, value: kept.get(key) ?? entry.value };
          },
        }),
      };
    },
  },
  'copies values with slice': {
    clauses: ['copies a value on its way in'],
    twist: () => {
      const kept = new Map<string, Uint8Array>();
      return {
        map: (sound) => ({
          put(key, value, expected) {
            kept.set(key, value.slice());
            return sound.put(key, value, expected);
          },
          async get(key) {
            const entry = await sound.get(key);
            return entry && { ...entry, value: (kept.get(key) ?? entry.value).slice() };
          },
        }),
      };
    },
  },
  'hands out the array it keeps': {
    clauses: ['copies a value on its way out'],
    twist: onMap((sound) => {
      const kept = new Map<number, Uint8Array>();
      return {
        async get(key) {
          const entry = await sound.get(key);
          if (entry === undefined) return undefined;
          const value = kept.get(entry.revision) ?? entry.value;
          kept.set(entry.revision, value);
          return { ...entry, value };
        },
      };
    }),
  },
  'ignores the case of keys': {
    clauses: ['keeps keys of any characters apart'],
    twist: onMap((sound) => rekeyed(sound, (key) => key.toLowerCase())),
  },
  'normalises keys': {
    clauses: ['keeps keys of any characters apart'],
    twist: onMap((sound) => rekeyed(sound, (key) => key.normalize('NFC'))),
  },
  'lists keys as it has escaped them': {
    clauses: ['keeps keys of any characters apart'],
    twist: onMap((sound) => ({
      async *keys(prefix) {
        for await (const key of sound.keys(prefix)) yield encodeURIComponent(key);
      },
    })),
  },
  'takes any key': {
    clauses: ['refuses keys that are none with HAPPEN_INVALID_OPTION'],
    twist: onMap((sound) => ({ get: async (key) => (key === '' ? undefined : sound.get(key)) })),
  },
  'throws where it should reject': {
    clauses: ['refuses keys that are none with HAPPEN_INVALID_OPTION'],
    twist: onMap((sound) => ({
      delete(key, expected) {
        if (key === '') throw new HappenError('HAPPEN_INVALID_OPTION', 'thrown');
        return sound.delete(key, expected);
      },
    })),
  },
  'takes any revision': {
    clauses: ['refuses revisions that are none with HAPPEN_INVALID_OPTION'],
    twist: onMap((sound) => ({
      put: (key, value, expected) =>
        sound.put(key, value, expected === undefined || expected > 0 ? expected : undefined),
    })),
  },
  'does not compare': {
    clauses: [
      'puts at an expected revision only',
      'puts a key at revision 0 only where there is none',
      'lets one of many writers win who expect the same revision',
    ],
    twist: onMap((sound) => ({ put: (key, value) => sound.put(key, value) })),
  },
  'compares before it writes, in two steps': {
    clauses: ['lets one of many writers win who expect the same revision'],
    twist: onMap((sound) => ({
      async put(key, value, expected) {
        const revision = (await sound.get(key))?.revision ?? 0;
        if (expected !== undefined && revision !== expected) return sound.put(key, value, expected);
        return sound.put(key, value);
      },
    })),
  },
  'says nothing of the revision it found': {
    clauses: ['puts at an expected revision only', 'removes at an expected revision only'],
    twist: onMap((sound) => {
      const bare = (error: unknown): never => {
        throw codeOf(error) === 'HAPPEN_STORE_CONFLICT' ? new HappenError('HAPPEN_STORE_CONFLICT', 'conflict') : error;
      };
      return {
        put: (key, value, expected) => sound.put(key, value, expected).catch(bare),
        delete: (key, expected) => sound.delete(key, expected).catch(bare),
      };
    }),
  },
  'takes 0 for any revision': {
    clauses: ['puts a key at revision 0 only where there is none'],
    twist: onMap((sound) => ({
      put: (key, value, expected) => sound.put(key, value, expected === 0 ? undefined : expected),
    })),
  },
  'leaves something behind under a removed key': {
    clauses: ['puts a key at revision 0 only where there is none', 'removes a key, and says whether it was there'],
    twist: onMap((sound) => ({
      async delete(key, expected) {
        if ((await sound.get(key)) === undefined) return sound.delete(key, expected);
        await sound.put(key, new Uint8Array(), expected);
        return true;
      },
    })),
  },
  'removes what is not there': {
    clauses: ['removes a key, and says whether it was there'],
    twist: onMap((sound) => ({
      async delete(key, expected) {
        await sound.delete(key, expected);
        return true;
      },
    })),
  },
  'removes at any revision': {
    clauses: ['removes at an expected revision only'],
    twist: onMap((sound) => ({ delete: (key) => sound.delete(key) })),
  },
  'lists all keys, whatever the prefix': {
    clauses: ['lists keys, narrowed by a prefix'],
    twist: onMap((sound) => ({ keys: () => sound.keys() })),
  },
  'takes the prefix for a pattern': {
    clauses: ['lists keys, narrowed by a prefix'],
    twist: onMap((sound) => ({
      async *keys(prefix = '') {
        const pattern = new RegExp(`^${prefix}`);
        for await (const key of sound.keys()) if (pattern.test(key)) yield key;
      },
    })),
  },
  'lists keys that are gone': {
    clauses: ['lists keys, narrowed by a prefix', 'removes a key, and says whether it was there'],
    twist: () => {
      const seen = new Set<string>();
      return {
        map: (sound) => ({
          put(key, value, expected) {
            seen.add(key);
            return sound.put(key, value, expected);
          },
          async *keys(prefix = '') {
            for (const key of seen) if (key.startsWith(prefix)) yield key;
          },
        }),
      };
    },
  },
  'has one map under all names': {
    clauses: ['keeps maps apart by name, and one name together'],
    twist: () => ({ store: (sound) => ({ map: () => sound.map('the only one') }) }),
  },
  'escapes names carelessly': {
    clauses: ['keeps maps apart by name, and one name together'],
    twist: () => ({ store: (sound) => ({ map: (name) => sound.map(name.replaceAll(/[^\w]/g, '_')) }) }),
  },
  'has contents of its own for each store': {
    clauses: ['keeps maps apart by name, and one name together', 'keeps what was written for the next store'],
    twist: () => ({ apart: true }),
  },
};

const watches: Record<string, StoreFault> = {
  'tells watchers of changes only': {
    clauses: ['tells a watcher what there is, and nothing of what has gone'],
    twist: onMap((sound) => ({
      async watch(key, changed) {
        let begun = false;
        const subscription = await sound.watch(key, (change) => void (begun && changed(change)));
        await new Promise<void>((resolve) => void setTimeout(resolve));
        begun = true;
        return subscription;
      },
    })),
  },
  'tells watchers of what has gone': {
    clauses: ['tells a watcher what there is, and nothing of what has gone'],
    twist: () => {
      const gone = new Set<string>();
      return {
        map: (sound) => ({
          delete(key, expected) {
            gone.add(key);
            return sound.delete(key, expected);
          },
          watch(key, changed) {
            for (const name of gone) changed({ kind: 'delete', key: name, revision: 1 });
            return sound.watch(key, changed);
          },
        }),
      };
    },
  },
  'tells watchers of all keys': {
    clauses: ['tells a watcher of one key that key only'],
    twist: onMap((sound) => ({ watch: (_key, changed) => sound.watch(undefined, changed) })),
  },
  'tells changes in the wrong order': {
    clauses: ['tells changes of a key in the order of their revisions, the last one always'],
    twist: onMap((sound) => ({
      watch(key, changed) {
        let held: MapChange | undefined;
        return sound.watch(key, (change) => {
          if (held === undefined && change.revision % 7 === 3) {
            held = change;
            return;
          }
          changed(change);
          if (held !== undefined) changed(held);
          held = undefined;
        });
      },
    })),
  },
  'skips the last value': {
    clauses: ['tells changes of a key in the order of their revisions, the last one always'],
    twist: onMap((sound) => ({
      watch(key, changed) {
        let held: MapChange | undefined;
        return sound.watch(key, (change) => {
          if (held !== undefined) changed(held);
          held = change;
        });
      },
    })),
  },
  'tells watchers of its own writes only': {
    clauses: [
      'tells a removal, with its revision',
      'tells changes of a key in the order of their revisions, the last one always',
    ],
    twist: () => {
      let lastWriter: StoreMap | undefined;
      return {
        map: (sound) => ({
          put(key, value, expected) {
            lastWriter = sound;
            return sound.put(key, value, expected);
          },
          delete(key, expected) {
            lastWriter = sound;
            return sound.delete(key, expected);
          },
          watch: (key, changed) => sound.watch(key, (change) => void (lastWriter === sound && changed(change))),
        }),
      };
    },
  },
  'says nothing of removals': {
    clauses: ['tells a removal, with its revision'],
    twist: onMap((sound) => ({
      watch: (key, changed) => sound.watch(key, (change) => void (change.kind === 'put' && changed(change))),
    })),
  },
  'tells removals without a revision of their own': {
    clauses: ['tells a removal, with its revision'],
    twist: onMap((sound) => ({
      watch: (key, changed) =>
        sound.watch(key, (change) =>
          changed(change.kind === 'delete' ? { ...change, revision: change.revision - 1 } : change),
        ),
    })),
  },
  'tells what it has refused': {
    clauses: ['tells nothing of a write that was refused'],
    twist: () => {
      const watchers: ((change: MapChange) => void)[] = [];
      return {
        map: (sound) => ({
          watch(key, changed) {
            watchers.push(changed);
            return sound.watch(key, changed);
          },
          async put(key, value, expected) {
            if (expected !== undefined && expected > 1_000) {
              for (const changed of watchers) changed({ kind: 'put', key, value, revision: expected });
            }
            return sound.put(key, value, expected);
          },
        }),
      };
    },
  },
  'tells watchers inside put': {
    clauses: ['tells a watcher nothing inside the call that writes'],
    twist: () => {
      const watchers: ((change: MapChange) => void)[] = [];
      return {
        map: (sound) => ({
          async watch(_key, changed) {
            watchers.push(changed);
            return { close() {} };
          },
          put(key, value, expected) {
            for (const changed of watchers) changed({ kind: 'put', key, value, revision: 1 });
            return sound.put(key, value, expected);
          },
        }),
      };
    },
  },
  'tells all watchers the same array': {
    clauses: ['gives each watcher memory of its own'],
    twist: () => {
      const shared = new Map<number, MapChange>();
      return {
        map: (sound) => ({
          watch: (key, changed) =>
            sound.watch(key, (change) => {
              shared.set(change.revision, shared.get(change.revision) ?? change);
              changed(shared.get(change.revision) as MapChange);
            }),
        }),
      };
    },
  },
  'goes on watching once closed': {
    clauses: ['tells nothing once a watch is closed'],
    twist: onMap((sound) => ({
      async watch(key, changed) {
        await sound.watch(key, changed);
        return { close() {} };
      },
    })),
  },
  'ends a watch that throws': {
    clauses: ['goes on when a watcher throws'],
    twist: onMap((sound) => ({ watch: (key, changed) => sound.watch(key, endedByThrow(changed)) })),
  },
};

const journals: Record<string, StoreFault> = {
  'begins with a record of its own': {
    clauses: ['begins a journal empty'],
    twist: onJournal((sound) => ({ last: async () => Math.max(1, await sound.last()) })),
  },
  'counts from 0': {
    clauses: ['numbers records from 1 without holes'],
    twist: onJournal((sound) => ({ append: async (value, expected) => (await sound.append(value, expected)) - 1 })),
  },
  'leaves holes': {
    clauses: [
      'numbers records from 1 without holes',
      'tells a follower what there is and what is appended, in order and without holes',
    ],
    twist: onJournal((sound) => ({
      async *read(from) {
        for await (const record of sound.read(from)) if (record.sequence % 100 !== 50) yield record;
      },
      follow: (from, appended) =>
        sound.follow(from, (record) => void (record.sequence % 100 !== 50 && appended(record))),
    })),
  },
  'reads backwards': {
    clauses: ['numbers records from 1 without holes', 'reads from any sequence on'],
    twist: onJournal((sound) => ({
      async *read(from) {
        const records: JournalRecord[] = [];
        for await (const record of sound.read(from)) records.unshift(record);
        yield* records;
      },
    })),
  },
  'appends without a look': {
    clauses: ['appends after the expected record only', 'lets one of many win who append after the same record'],
    twist: onJournal((sound) => ({ append: (value) => blindly(sound, value) })),
  },
  'says nothing of the last record': {
    clauses: ['appends after the expected record only'],
    twist: onJournal((sound) => ({
      append: (value, expected) =>
        sound.append(value, expected).catch((error: unknown) => {
          throw codeOf(error) === 'HAPPEN_STORE_CONFLICT'
            ? new HappenError('HAPPEN_STORE_CONFLICT', 'conflict')
            : error;
        }),
    })),
  },
  'compares before it appends, in two steps': {
    clauses: ['lets one of many win who append after the same record'],
    twist: onJournal((sound) => ({
      async append(value, expected) {
        if ((await sound.last()) !== expected) return sound.append(value, expected);
        return blindly(sound, value);
      },
    })),
  },
  'cuts off long records': {
    clauses: ['keeps records of every size'],
    twist: onJournal((sound) => ({ append: (value, expected) => sound.append(value.slice(0, 65_535), expected) })),
  },
  'keeps the array it was given to append': {
    clauses: ['copies a record on its way in'],
    twist: onJournal((sound) => {
      const kept: Uint8Array[] = [];
      return {
        append(value, expected) {
          kept[expected + 1] = value;
          return sound.append(value, expected);
        },
        async *read(from) {
          for await (const record of sound.read(from))
            yield { ...record, value: kept[record.sequence] ?? record.value };
        },
      };
    }),
  },
  'copies records with slice': {
    clauses: ['copies a record on its way in'],
    twist: onJournal((sound) => {
      const kept: Uint8Array[] = [];
      return {
        append(value, expected) {
          kept[expected + 1] = value.slice();
          return sound.append(value, expected);
        },
        async *read(from) {
          for await (const record of sound.read(from))
            yield { ...record, value: kept[record.sequence] ?? record.value };
        },
      };
    }),
  },
  'hands out the records it keeps': {
    clauses: ['copies a record on its way out'],
    twist: onJournal((sound) => {
      const kept = new Map<number, JournalRecord>();
      return {
        async *read(from) {
          for await (const record of sound.read(from)) {
            kept.set(record.sequence, kept.get(record.sequence) ?? record);
            yield kept.get(record.sequence) as JournalRecord;
          }
        },
      };
    }),
  },
  'reads after the sequence it is given': {
    clauses: ['reads from any sequence on'],
    twist: onJournal((sound) => ({ read: (from) => sound.read(from + 1) })),
  },
  'reads what is appended meanwhile': {
    clauses: ['reads up to the record that was last when it began'],
    twist: onJournal((sound) => ({
      async *read(from) {
        for (let next = from; next <= (await sound.last()); next++) {
          for await (const record of sound.read(next)) {
            yield record;
            break;
          }
        }
      },
    })),
  },
  'believes that it alone appends': {
    clauses: ['reads what another store has appended'],
    twist: onJournal((sound) => {
      let last: number | undefined;
      return {
        async append(value, expected) {
          last ??= await sound.last();
          if (last !== expected)
            throw new HappenError('HAPPEN_STORE_CONFLICT', 'conflict', { details: { sequence: last } });
          last = await sound.append(value, expected);
          return last;
        },
        async last() {
          last ??= await sound.last();
          return last;
        },
      };
    }),
  },
  'can be read once at a time': {
    clauses: ['can be left in the middle of a reading'],
    twist: onJournal((sound) => {
      let reading = false;
      return {
        async *read(from) {
          if (reading) throw new Error('a reading is under way');
          reading = true;
          for await (const record of sound.read(from)) yield record;
          reading = false;
        },
      };
    }),
  },
  'trims one record too many': {
    clauses: ['forgets what is trimmed, and nothing else'],
    twist: onJournal((sound) => ({ trim: (firstKept) => sound.trim(firstKept + 1) })),
  },
  'does not trim': {
    clauses: ['forgets what is trimmed, and nothing else'],
    twist: onJournal(() => ({ trim: async () => {} })),
  },
  'brings back what was trimmed': {
    clauses: ['forgets what is trimmed, and nothing else'],
    twist: onJournal((sound) => {
      let trimmedTo = 0;
      return {
        async trim(firstKept) {
          trimmedTo = firstKept;
        },
        read: (from) => sound.read(Math.max(from, trimmedTo)),
      };
    }),
  },
  'counts again from 1 when all is trimmed': {
    clauses: ['goes on counting after a trim, even of everything'],
    twist: onJournal((sound) => ({
      async last() {
        for await (const _ of sound.read(1)) return sound.last();
        return 0;
      },
    })),
  },
  'takes any sequence': {
    clauses: ['refuses sequences that are none with HAPPEN_INVALID_OPTION'],
    twist: onJournal((sound) => ({ trim: (firstKept) => sound.trim(Math.max(0, Math.floor(firstKept) || 0)) })),
  },
  'has one journal under all names': {
    clauses: ['keeps journals apart by name, and from the maps of that name'],
    twist: () => ({ store: (sound) => ({ journal: () => sound.journal('the only one') }) }),
  },
  'shows journals among the keys of the map of that name': {
    clauses: ['keeps journals apart by name, and from the maps of that name'],
    twist: () => ({
      store: (sound) => ({
        journal(name) {
          const journal = sound.journal(name);
          return {
            ...journal,
            async append(value, expected) {
              await sound.map(name).put('journal', value);
              return journal.append(value, expected);
            },
          };
        },
      }),
    }),
  },
};

const follows: Record<string, StoreFault> = {
  'follows what is new only': {
    clauses: [
      'tells a follower what there is and what is appended, in order and without holes',
      'tells a follower of a trimmed journal what is kept',
    ],
    twist: onJournal((sound) => ({
      follow: async (_from, appended) => sound.follow((await sound.last()) + 1, appended),
    })),
  },
  'loses what is appended while it begins to follow': {
    clauses: ['tells a follower what there is and what is appended, in order and without holes'],
    twist: onJournal((sound) => ({
      async follow(from, appended) {
        const known = await sound.last();
        return sound.follow(
          from,
          (record) => void ((record.sequence <= known || record.sequence > known + 1) && appended(record)),
        );
      },
    })),
  },
  'follows from the beginning': {
    clauses: ['tells a follower nothing before the record it asked for'],
    twist: onJournal((sound) => ({ follow: (_from, appended) => sound.follow(0, appended) })),
  },
  'waits for records that were trimmed': {
    clauses: ['tells a follower of a trimmed journal what is kept'],
    twist: onJournal((sound) => ({
      follow(from, appended) {
        let next = Math.max(1, from);
        return sound.follow(from, (record) => {
          if (record.sequence !== next) return;
          next++;
          appended(record);
        });
      },
    })),
  },
  'tells followers inside append': {
    clauses: ['tells a follower nothing inside the call that appends'],
    twist: () => {
      const followers: ((record: JournalRecord) => void)[] = [];
      return {
        journal: (sound) => ({
          async follow(_from, appended) {
            followers.push(appended);
            return { close() {} };
          },
          append(value, expected) {
            for (const appended of followers) appended({ sequence: expected + 1, value: value.slice() });
            return sound.append(value, expected);
          },
        }),
      };
    },
  },
  'tells all followers the same array': {
    clauses: ['gives each follower memory of its own'],
    twist: () => {
      const shared = new Map<number, JournalRecord>();
      return {
        journal: (sound) => ({
          follow: (from, appended) =>
            sound.follow(from, (record) => {
              shared.set(record.sequence, shared.get(record.sequence) ?? record);
              appended(shared.get(record.sequence) as JournalRecord);
            }),
        }),
      };
    },
  },
  'goes on following once closed': {
    clauses: ['tells nothing once a follow is closed'],
    twist: onJournal((sound) => ({
      async follow(from, appended) {
        await sound.follow(from, appended);
        return { close() {} };
      },
    })),
  },
  'ends a follow that throws': {
    clauses: ['goes on when a follower throws'],
    twist: onJournal((sound) => ({ follow: (from, appended) => sound.follow(from, endedByThrow(appended)) })),
  },
};

const closing: Record<string, StoreFault> = {
  'ignores close': {
    clauses: [...when('when closed'), ...when('while closing')],
    twist: () => ({ store: () => ({ close: async () => {} }) }),
  },
  'closes only when all is written': {
    clauses: when('while closing'),
    twist: () => ({
      store: (sound) => ({
        async close() {
          await new Promise<void>((resolve) => void setTimeout(resolve));
          await sound.close();
        },
      }),
    }),
  },
  'fails when closed again': {
    clauses: ['can be closed twice, also at the same time'],
    twist: () => ({
      store(sound) {
        let closed = false;
        return {
          async close() {
            if (closed) throw new Error('closed already');
            closed = true;
            await sound.close();
          },
        };
      },
    }),
  },
  'reads to the end though it was closed': {
    clauses: ['fails a listing and a reading that are under way when it closes'],
    twist: onJournal((sound) => ({
      async *read(from) {
        const records: JournalRecord[] = [];
        for await (const record of sound.read(from)) records.push(record);
        yield* records;
      },
    })),
  },
  'goes on telling once it is closed': {
    clauses: ['tells watchers and followers nothing once it is closed'],
    twist: () => {
      let watching: ((change: MapChange) => void) | undefined;
      return {
        map: (sound) => ({
          watch(key, changed) {
            watching ??= changed;
            return sound.watch(key, changed);
          },
        }),
        store: (sound) => ({
          async close() {
            await sound.close();
            watching?.({ kind: 'delete', key: 'key', revision: 99 });
          },
        }),
      };
    },
  },
  'closes the whole database': {
    clauses: ['leaves other stores open when it closes'],
    twist: () => {
      const all: { close(): Promise<void> }[] = [];
      return {
        store(sound) {
          all.push({ close: sound.close });
          return { close: async () => void (await Promise.all(all.map((one) => one.close()))) };
        },
      };
    },
  },
  'clears what it held when it closes': {
    clauses: ['keeps what was written for the next store'],
    twist: () => ({
      store: (sound) => ({
        async close() {
          await sound
            .map('map')
            .delete('key')
            .catch(() => {});
          await sound.close();
        },
      }),
    }),
  },
};

/** Every fault, by what is wrong. */
export const faults: Readonly<Record<string, StoreFault>> = {
  ...maps,
  ...watches,
  ...journals,
  ...follows,
  ...closing,
};

function rekeyed(sound: StoreMap, rename: (key: string) => string): Partial<StoreMap> {
  return {
    get: async (key) => {
      const entry = await sound.get(rename(key));
      return entry && { ...entry, key };
    },
    put: (key, value, expected) => sound.put(rename(key), value, expected),
  };
}

async function blindly(journal: Journal, value: Uint8Array): Promise<number> {
  for (;;) {
    try {
      return await journal.append(value, await journal.last());
    } catch (error) {
      if (codeOf(error) !== 'HAPPEN_STORE_CONFLICT') throw error;
    }
  }
}

function endedByThrow<Item>(tell: (item: Item) => void): (item: Item) => void {
  let ended = false;
  return (item) => {
    if (ended) return;
    try {
      tell(item);
    } catch {
      ended = true;
    }
  };
}
