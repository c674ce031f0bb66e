import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Findings, findings } from '../src/checks.js';
import { bundle } from './bundle.js';
import { findChromium } from './find-chromium.js';
import { serveSite, type Site } from './serve.js';

/** It looks up nothing outside, and needs neither a sandbox of its own nor a graphics card. */
const quietly = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Report {
  readonly page: Findings;
  readonly worker: Findings;
  readonly hub: Findings;
}

let browser: Browser | undefined;
let site: Site | undefined;
let page: Page;
let report: Report;
const errors: string[] = [];

beforeAll(async () => {
  site = await serveSite(await bundle());
  browser = await chromium.launch({ executablePath: findChromium(), headless: true, args: quietly });
  page = await browser.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => errors.push(message.text()));
  await page.goto(site.url);
  await page.waitForFunction('"report" in globalThis');
  report = (await page.evaluate('report()')) as Report;
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

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
