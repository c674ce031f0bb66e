import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { findChromium } from './find-chromium.js';
import { serveSite } from './serve.js';

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

/** A page that is open, and what it and its workers have had to say. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What was thrown and caught by nobody, and each line on the console. */
  readonly errors: readonly string[];
}

/** Starts a Chromium before the tests of a file and ends it after them. Gives what opens a page that runs these scripts. */
export function useChromium(): (scripts: ReadonlyMap<string, string>) => Promise<OpenPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findChromium(), headless: true, args: quietly });
  }, 240_000);
  afterAll(() => browser?.close());
  return async (scripts) => {
    const site = await serveSite(scripts);
    const page = await (browser as Browser).newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => errors.push(message.text()));
    await page.goto(site.url);
    return {
      page,
      errors,
      async [Symbol.asyncDispose]() {
        await page.close();
        await site[Symbol.asyncDispose]();
      },
    };
  };
}
