import { expect, it } from 'vitest';
import { Unanswered } from '../../src/frames/unanswered.js';

const to = { kind: 'node', id: 'n' } as const;

it('gives a frame out for its own token alone, once', () => {
  const unanswered = new Unanswered();
  const frames = Array.from({ length: 1_000 }, (_, at) => new Uint8Array([at % 256]));
  const tokens = frames.map((frame, at) => unanswered.add(at + 1, to, frame));
  const [, secret] = (tokens[0] as string).split('-');
  for (const guess of [
    '',
    '2',
    '2-',
    `2-${secret}`,
    '2-0',
    `${tokens[1]}0`,
    ` ${tokens[1]}`,
    `0${tokens[1]}`,
    'x',
    '-1',
  ])
    expect(unanswered.take(guess)).toBeUndefined();
  expect(new Set(tokens.map((token) => token.split('-')[1])).size).toBeGreaterThan(990);
  for (const [at, token] of tokens.entries()) expect(unanswered.take(token)?.frame).toBe(frames[at]);
  expect(unanswered.take(tokens[1] as string)).toBeUndefined();
});

it('forgets up to a number', () => {
  const unanswered = new Unanswered();
  const tokens = [1, 2, 3].map((number) => unanswered.add(number, to, new Uint8Array(1)));
  unanswered.forget(2);
  expect(tokens.map((token) => unanswered.take(token) !== undefined)).toEqual([false, false, true]);
});
