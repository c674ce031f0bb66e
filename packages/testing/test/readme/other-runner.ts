import { memoryHub } from '@happen/core';
import { transportSuite } from '@happen/testing';
import { describe, it } from 'node:test';

const suite = transportSuite({
  label: 'memory',
  open() {
    const hub = memoryHub();
    return { join: () => hub.transport(), async close() {} };
  },
});

void describe(suite.name, () => {
  for (const test of suite.tests) void it(test.name, { timeout: suite.timeoutMs }, () => test.run());
});
