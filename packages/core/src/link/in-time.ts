import { isLater, type NowOrLater } from '../identity/now-or-later.js';
import type { Clock } from '../ports/clock.js';

/** How long what a user provides, to sign or to verify, may take, in milliseconds: others wait behind it. */
export const longestAnswerMs = 30_000;

/** What was asked for, if it comes within the time; otherwise a rejection with what `late` gives. */
export function inTime<T>(clock: Clock, answer: NowOrLater<T>, late: () => Error): NowOrLater<T> {
  if (!isLater(answer)) return answer;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(longestAnswerMs, () => reject(late()));
    answer.then(
      (value) => {
        timer.clear();
        resolve(value);
      },
      (error: unknown) => {
        timer.clear();
        reject(error);
      },
    );
  });
}
