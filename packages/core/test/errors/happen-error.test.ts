import { describe, expect, it } from 'vitest';
import { errorCodes, HappenError, isHappenError } from '../../src/index.js';

describe('a HappenError', () => {
  it('has code, message, details and cause, and knows whether a retry can help', () => {
    const cause = new Error('why');
    const error = new HappenError('HAPPEN_TIMEOUT', 'too late', { cause, details: { node: 'a' } });
    expect(error).toMatchObject({
      name: 'HappenError',
      code: 'HAPPEN_TIMEOUT',
      message: 'too late',
      cause,
      details: { node: 'a' },
      transient: true,
    });
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('HappenError: too late');
    expect(error.stack).toContain('happen-error.test');
    for (const [code, { transient }] of Object.entries(errorCodes)) {
      expect(new HappenError(code as keyof typeof errorCodes, '').transient).toBe(transient);
    }
  });

  it('is told in JSON with its message, and with the cause next to it, even where causes go round', () => {
    const inner = new HappenError('HAPPEN_CLOSED', 'closed');
    const error = new HappenError('HAPPEN_TIMEOUT', 'too late', { cause: inner, details: { node: 'a' } });
    Object.defineProperty(inner, 'cause', { value: error });
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'HappenError',
        code: 'HAPPEN_TIMEOUT',
        message: 'too late',
        transient: true,
        details: { node: 'a' },
        cause: { name: 'HappenError', code: 'HAPPEN_CLOSED', message: 'closed' },
      },
    });
    const plain = new HappenError('HAPPEN_CLOSED', 'closed', { cause: new TypeError('why') });
    expect(JSON.parse(JSON.stringify(plain))).toMatchObject({ cause: { name: 'TypeError', message: 'why' } });
    expect('cause' in JSON.parse(JSON.stringify(new HappenError('HAPPEN_CLOSED', 'closed')))).toBe(false);
  });

  it('has frozen details of its own, and no cause when none was given', () => {
    const details = { node: 'a' };
    const error = new HappenError('HAPPEN_CLOSED', 'closed', { details });
    details.node = 'b';
    expect(error.details).toEqual({ node: 'a' });
    expect(Object.isFrozen(error.details)).toBe(true);
    expect('cause' in error).toBe(false);
    expect(new HappenError('HAPPEN_CLOSED', 'closed').details).toEqual({});
    expect('cause' in new HappenError('HAPPEN_CLOSED', 'closed', { cause: undefined })).toBe(true);
  });
});

describe('isHappenError', () => {
  it('knows one, also from another copy of the package, and one of a code', () => {
    const own = new HappenError('HAPPEN_CLOSED', 'closed');
    const foreign = Object.assign(new Error('closed'), { name: 'HappenError', code: 'HAPPEN_CLOSED', details: {} });
    for (const error of [own, foreign]) {
      expect(isHappenError(error)).toBe(true);
      expect(isHappenError(error, 'HAPPEN_CLOSED')).toBe(true);
      expect(isHappenError(error, 'HAPPEN_TIMEOUT')).toBe(false);
    }
  });

  it('knows what is none', () => {
    const named = (code: unknown) => Object.assign(new Error('x'), { name: 'HappenError', code });
    for (const other of [
      undefined,
      null,
      'HAPPEN_CLOSED',
      {},
      { name: 'HappenError', code: 'HAPPEN_CLOSED' },
      new Error('x'),
      named('toString'),
      named('HAPPEN_OTHER'),
      named(5),
    ]) {
      expect(isHappenError(other)).toBe(false);
    }
  });
});
