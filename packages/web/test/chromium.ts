// For tests in Node that drive a page: they make files, serve them in every bad way, and look at the site from outside.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright';

// JavaScript without declarations: an import by name would not be typed
const finder: { findChromium(): { path: string } | { reason: string } } = await import(
  new URL('../../../scripts/find-browser.mjs', import.meta.url).href
);
const found = finder.findChromium();

/** Whether there is a browser; prints why tests are skipped where there is none. */
export function hasChromium(): boolean {
  if ('reason' in found) console.warn(`skipped: ${found.reason}`);
  return 'path' in found;
}

export async function launch(...args: string[]): Promise<Browser> {
  if (!('path' in found)) throw new Error(found.reason);
  const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];
  return await chromium.launch({
    executablePath: found.path,
    args: ['--no-sandbox', '--disable-quic', '--disable-sync', ...quiet, ...args],
  });
}

/** A script that defines `seg`: the exports of our sources. */
export async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'seg',
    logLevel: 'error',
  });
  return outputFiles
    .map(({ text }) => text)
    .join('')
    .replaceAll('</script', '<\\/script');
}
