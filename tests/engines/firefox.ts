import puppeteer from 'puppeteer-core';
import { findProgram } from '../../scripts/find-browser.mjs';
import type { Engine, Found } from './engine.ts';

/** Debian's firefox-esr, or any Firefox, headless, driven over WebDriver BiDi. */
export function findFirefox(): Found {
  const found = findProgram(['firefox-esr', 'firefox'], 'FIREFOX_PATH', 'apt-get install firefox-esr');
  return 'path' in found ? { start: () => start(found.path) } : found;
}

async function start(executablePath: string): Promise<Engine> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  const page = await browser.newPage();
  return {
    name: await browser.version(),
    async open(url) {
      await page.goto(url, { waitUntil: 'load' });
    },
    evaluate: (script) => page.evaluate(`(async () => (${script}))()`),
    close: () => browser.close(),
  };
}
