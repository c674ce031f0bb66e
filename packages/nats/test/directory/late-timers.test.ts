import type { Clock } from '@happen/core';
import { beforeEach, expect, it } from 'vitest';
import type { Announcement } from '../../src/directory/announcement.js';
import { Presence } from '../../src/directory/presence.js';
import { silentHost } from './silent-host.js';

/** A clock whose timers a browser holds back: time goes on, and none of them runs. */
let now = 0;
const clock: Clock = { now: () => now, monotonic: () => now, setTimer: () => ({ clear() {} }) };

let said: Announcement['kind'][];
let gone: string[];
let presence: Presence;
beforeEach(() => {
  said = [];
  gone = [];
  presence = new Presence(
    silentHost({
      instance: 'page',
      clock,
      announce: ({ kind }) => void said.push(kind),
      gone: (instance) => void gone.push(instance),
    }),
  );
  presence.connected();
  said = [];
});

const hear = (instance: string): void => presence.take(instance, { kind: 'beat', revision: 0 });

it('speaks when it hears others, as soon as its own timer is late, and often enough not to be taken for gone', () => {
  for (let second = 1; second <= 60; second++) {
    now += 1_000;
    // Others speak every two seconds.
    if (second % 2 === 0) hear('other');
  }
  expect(said).toEqual(Array<string>(15).fill('beat'));
});

it('speaks no more often, however much it hears', () => {
  for (let count = 0; count < 1_000; count++) hear(`other-${count}`);
  expect(said).toEqual([]);
  now += 3_000;
  for (let count = 0; count < 1_000; count++) hear(`other-${count}`);
  expect(said).toEqual(['beat']);
});

it('finds out who has gone, too', () => {
  hear('silent');
  for (let times = 0; times < 8; times++) {
    // Late enough to be late each time.
    now += 2_010;
    hear('other');
  }
  expect(gone).toEqual(['silent']);
});

it('takes nobody for gone while it slept itself', () => {
  hear('other');
  now += 3_600_000;
  hear('another');
  expect(said).toEqual(['beat']);
  expect(gone).toEqual([]);
  // What it had said all the time is read after that.
  hear('other');
  for (let times = 0; times < 8; times++) {
    now += 2_010;
    hear('other');
  }
  expect(gone).toEqual(['another']);
});
