import { beforeAll, describe, expect, it } from 'vitest';
import { type Findings, findings } from '../src/checks.js';
import { useChromium } from './browser.js';
import { bundle } from './bundle.js';

interface Report {
  readonly page: Findings;
  readonly worker: Findings;
  readonly hub: Findings;
}

const open = useChromium();
let report: Report;
let errors: readonly string[];

beforeAll(async () => {
  await using opened = await open(await bundle());
  report = (await opened.page.evaluate('report()')) as Report;
  errors = opened.errors;
}, 120_000);

describe('core in Chromium, bundled', () => {
  it('is bundled with nothing in place of what Node has', async () => {
    for (const script of (await bundle()).values()) {
      expect(script).not.toMatch(/from ["']node:|__require|\bBuffer\b/);
      expect(script).toContain('HAPPEN_');
    }
  });

  it('does in a page what it does in Node, with the same hashes', async () => {
    const here = await findings();
    expect(report.page).toEqual(here);
    expect(report.page).toMatchObject({
      answer: 6,
      failure: 'HAPPEN_HANDLER_FAILED',
      nobody: 'HAPPEN_NO_SUCH_NODE',
      timeout: 'HAPPEN_TIMEOUT',
      heard: [
        ['a', 'news.flash', 1],
        ['b', 'news.flash', 1],
      ],
      chain: [[['a', 'b']], 1, 'event-1', 'event-1', expect.stringMatching(/^[0-9a-f]{64}$/)],
      hub: { nobody: 'HAPPEN_NO_SUCH_NODE', heard: [5], long: [100_000, true], malformed: 0, mismatches: 0 },
      signed: { nobody: 'HAPPEN_NO_SUCH_NODE', heard: [5], long: [100_000, true], malformed: 0, mismatches: 0 },
      pinned: { heard: 2, unheard: 'HAPPEN_TIMEOUT', refused: 1 },
      channel: { nobody: 'HAPPEN_NO_SUCH_NODE', heard: [5], long: [100_000, true], malformed: 0, mismatches: 0 },
    });
  });

  it('does in a Web Worker what it does in Node, and answers the page through its port', async () => {
    const here = await findings();
    expect(report.worker).toMatchObject({ findings: here, nobody: 'HAPPEN_NO_SUCH_NODE', sender: 'asker' });
    expect(report.worker['answer']).toEqual((here['hub'] as Findings)['answer']);
  });

  it('joins several Web Workers, which reach each other', () => {
    expect(report.hub).toEqual({ first: 1, passedOn: 'passed on', malformed: 0 });
  });

  it('runs without an error or a word on the console', () => {
    expect(errors).toEqual([]);
  });
});
