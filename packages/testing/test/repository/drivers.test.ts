import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contractFiles, type Driver, driversOf } from './drivers.js';

const packages = join(import.meta.dirname, '../../..');
const core = join(packages, 'core/src/index.ts');
const thisPackage = 'testing';

/** What is found by its type and makes no driver of its own. */
const exempt: Readonly<Record<string, string>> = {
  defineTransport: 'gives back the very driver it is given',
};

const found: Driver[] = readdirSync(packages)
  .filter((name) => name !== thisPackage && existsSync(join(packages, name, 'package.json')))
  .flatMap((name) => driversOf(join(packages, name), core));
const drivers = found.filter(({ name }) => !Object.hasOwn(exempt, name));

describe('the drivers of this repository', () => {
  it('are found by what they make', () => {
    expect(drivers.filter(({ packageName }) => packageName === '@happen/core')).toEqual(
      expect.arrayContaining([
        { packageName: '@happen/core', name: 'memoryHub', port: 'Transport' },
        { packageName: '@happen/core', name: 'memoryStore', port: 'Store' },
      ]),
    );
  });

  it('are exempt from a contract only as long as they are there', () => {
    expect(Object.keys(exempt).filter((name) => !found.some((driver) => driver.name === name))).toEqual([]);
  });

  it.each(drivers)('$packageName runs the contract of $port on $name', (driver) => {
    expect(contractFiles(packages, driver), 'no test file does so').not.toEqual([]);
  });
});

describe('a package of drivers without a contract', () => {
  const fixtures = join(import.meta.dirname, 'fixtures');

  it('is noticed, however its drivers are made', () => {
    const unlisted = driversOf(join(fixtures, 'driver'), core);
    expect(unlisted.map(({ name, port }) => `${name}: ${port}`).sort()).toEqual([
      'StoreOfClass: Store',
      'connectTransport: Transport',
      'createHub: Transport',
      'createStore: Store',
    ]);
    for (const driver of unlisted) expect(contractFiles(packages, driver)).toEqual([]);
  });
});
