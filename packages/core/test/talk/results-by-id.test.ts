import { describe, expect, it } from 'vitest';
import { HappenError } from '../../src/errors/happen-error.js';
import { resultsById } from '../../src/talk/results-by-id.js';

const failure = new HappenError('HAPPEN_TIMEOUT', 'node "b" did not answer');

describe('the results of several nodes', () => {
  it('stand under their ids in an object without prototype, whatever the ids are', () => {
    const results = resultsById(['a', '__proto__', 'toString'], [{ value: 1 }, { value: 2 }, { value: undefined }]);
    expect(Object.getPrototypeOf(results)).toBeNull();
    expect(Object.entries(results)).toEqual([
      ['a', 1],
      ['__proto__', 2],
      ['toString', undefined],
    ]);
  });

  it('have the failures beside them, out of sight', async () => {
    const results = resultsById(['a', 'b'], [{ value: 1 }, { error: failure }]);
    expect(Object.keys(results)).toEqual(['a']);
    expect(JSON.stringify(results)).toBe('{"a":1}');
    const { errors } = results as { errors: Record<string, HappenError> };
    expect(Object.getPrototypeOf(errors)).toBeNull();
    expect(errors).toEqual(Object.assign(Object.create(null), { b: failure }));
    expect(await (results as unknown as { return(): Promise<unknown> }).return()).toBe(results);
  });

  it('count as a failure only when all nodes failed, with the code of the first and the codes of all', () => {
    const other = new HappenError('HAPPEN_NO_HANDLER', 'no handler');
    expect(() => resultsById(['a', 'b'], [{ error: failure }, { error: other }])).toThrow(
      expect.objectContaining({
        code: 'HAPPEN_TIMEOUT',
        cause: failure,
        details: { codes: { a: 'HAPPEN_TIMEOUT', b: 'HAPPEN_NO_HANDLER' } },
      }),
    );
    expect(() => resultsById(['a', 'b'], [{ error: failure }, { value: undefined }])).not.toThrow();
  });

  it('of no nodes are none', () => {
    expect(Object.keys(resultsById([], []))).toEqual([]);
  });
});
