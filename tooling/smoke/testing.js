import { strict as assert } from 'node:assert';

/** @param {typeof import('@happen/testing')} testing */
export function use(testing) {
  assert.ok(Object.keys(testing).length > 0);
}
