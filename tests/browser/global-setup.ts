import { rmSync } from 'node:fs';
import { findChromium } from '../../scripts/find-browser.mjs';
import { CACHE } from './serve-files.ts';

export function setup(): void {
  const found = findChromium();
  if ('reason' in found) console.warn(`The tests in Chromium are skipped: ${found.reason}`);
  process.on('exit', () => rmSync(CACHE, { recursive: true, force: true }));
}
