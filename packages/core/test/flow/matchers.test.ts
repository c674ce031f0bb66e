import { describe, expect, it } from 'vitest';
import { createDomain, domain, exact, initializeHappen, not, oneOf, wildcard } from '../../src/index.js';

const types = ['order', 'order.submitted', 'order.shipped', 'order.line.added', 'orders.submitted', 'user.created'];

function matched(matcher: (type: string) => boolean): string[] {
  return types.filter((type) => matcher(type));
}

describe('matchers', () => {
  it('exact takes one type, whatever characters are in it', () => {
    expect(matched(exact('order.submitted'))).toEqual(['order.submitted']);
    expect(exact('order.*')('order.submitted')).toBe(false);
    expect(exact('order.*')('order.*')).toBe(true);
  });

  it('domain takes what lies below a first part, at any depth', () => {
    expect(matched(domain('order'))).toEqual(['order.submitted', 'order.shipped', 'order.line.added']);
    expect(matched(domain('order.line'))).toEqual(['order.line.added']);
  });

  it('wildcard follows the rules of on', () => {
    expect(matched(wildcard('order.*'))).toEqual(['order.submitted', 'order.shipped']);
    expect(matched(wildcard('{order.line.**,user.created}'))).toEqual(['order.line.added', 'user.created']);
    expect(() => wildcard('order.{')).toThrow(expect.objectContaining({ code: 'HAPPEN_INVALID_PATTERN' }));
  });

  it('oneOf takes what any of types and matchers takes, and nothing when there are none', () => {
    expect(matched(oneOf('order', exact('user.created'), domain('orders')))).toEqual([
      'order',
      'orders.submitted',
      'user.created',
    ]);
    expect(matched(oneOf())).toEqual([]);
  });

  it('not takes the rest', () => {
    expect(matched(not('order'))).toEqual(types.slice(1));
    expect(matched(not(domain('order')))).toEqual(['order', 'orders.submitted', 'user.created']);
    expect(matched(not(not('order')))).toEqual(['order']);
  });

  it('createDomain makes the matchers of one domain', () => {
    const order = createDomain('order');
    expect(matched(order('submitted'))).toEqual(['order.submitted']);
    expect(matched(order.all())).toEqual(['order.submitted', 'order.shipped', 'order.line.added']);
    expect(matched(order.oneOf('submitted', 'shipped'))).toEqual(['order.submitted', 'order.shipped']);
  });

  it.each<[string, () => unknown, string]>([
    ['exact(5)', () => exact(5 as never), 'exact(): expected a string of 1 to 512 characters, found number.'],
    ["exact('')", () => exact(''), 'exact(): expected a string of 1 to 512 characters, found one of 0.'],
    [
      'exact(x513)',
      () => exact('x'.repeat(513)),
      'exact(): expected a string of 1 to 512 characters, found one of 513.',
    ],
    ['domain(null)', () => domain(null as never), 'domain(): expected a string of 1 to 512 characters, found object.'],
    ["domain('')", () => domain(''), 'domain(): expected a string of 1 to 512 characters, found one of 0.'],
    [
      'not(undefined)',
      () => not(undefined as never),
      'not(): expected a matcher, or a string of 1 to 512 characters, found undefined.',
    ],
    [
      "oneOf('a', Symbol())",
      () => oneOf('a', Symbol('b') as never),
      'oneOf(): expected a matcher, or a string of 1 to 512 characters, found symbol.',
    ],
    [
      "createDomain('')",
      () => createDomain(''),
      'createDomain(): expected a string of 1 to 512 characters, found one of 0.',
    ],
    [
      "createDomain('order')(undefined)",
      () => createDomain('order')(undefined as never),
      "createDomain('order')(): expected a string of 1 to 512 characters, found undefined.",
    ],
    [
      "createDomain('order').oneOf('a', '')",
      () => createDomain('order').oneOf('a', ''),
      "createDomain('order')(): expected a string of 1 to 512 characters, found one of 0.",
    ],
  ])('%s is refused, since it could match nothing', (_call, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'HAPPEN_INVALID_PATTERN', message }));
  });

  it('are patterns for on', async () => {
    const { createNode } = initializeHappen();
    const node = createNode('node');
    node.on(oneOf(domain('order'), 'user.created'), (event) => event.type);
    expect(await node.send({ type: 'order.line.added' })).toBe('order.line.added');
    expect(await node.send({ type: 'user.created' })).toBe('user.created');
    await expect(node.send({ type: 'user.deleted' }).return()).rejects.toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
  });
});
