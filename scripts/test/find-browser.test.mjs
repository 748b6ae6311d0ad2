import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findChromium, findProgram } from '../find-browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'seg-browsers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(path, mode = 0o755) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, mode);
  return file;
}

const places = [
  ['linux', '/usr/bin/google-chrome', {}],
  ['darwin', '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge', {}],
  ['win32', 'P:/Google/Chrome/Application/chrome.exe', { PROGRAMFILES: 'P:' }],
  ['win32', 'X:/Microsoft/Edge/Application/msedge.exe', { 'PROGRAMFILES(X86)': 'X:' }],
];

test.each(places)('%s: %s is found', (platform, path, env) => {
  expect(findChromium({ platform, env, runs: (each) => each === path })).toEqual({ path });
});

test('PATH is searched', () => {
  const path = program('bin/chromium');
  const runs = (each) => each === path;
  expect(findChromium({ platform: 'linux', env: { PATH: join(folder, 'bin') }, runs })).toEqual({ path });
});

test("Playwright's newest download is found where nothing is installed", () => {
  program('downloads/chromium-999/chrome-linux/chrome');
  program('downloads/chromium_headless_shell-2000/chrome-linux/headless_shell');
  const path = program('downloads/chromium-1234/chrome-linux64/chrome');
  const env = { PLAYWRIGHT_BROWSERS_PATH: join(folder, 'downloads') };
  const runs = (each) => each.startsWith(folder) && each.endsWith('chrome');
  expect(findChromium({ platform: 'linux', env, runs })).toEqual({ path });
});

test('CHROME_PATH decides alone', () => {
  const path = program('my-browser');
  expect(findChromium({ env: { ...process.env, CHROME_PATH: path } })).toEqual({ path });
  expect(findChromium({ env: { ...process.env, CHROME_PATH: '/nonexistent' } })).toEqual({
    reason: 'CHROME_PATH names /nonexistent, which cannot be run',
  });
  expect(findChromium({ env: { ...process.env, CHROME_PATH: folder } })).toHaveProperty('reason');
});

test('none at all has a reason that says what to do', () => {
  const { reason } = findChromium({ env: {}, runs: () => false });
  expect(reason).toContain('CHROME_PATH');
});

test('a program is found by its variable or on PATH', () => {
  const path = program('bin/some-driver');
  const env = { PATH: ['/nowhere', join(folder, 'bin')].join(delimiter) };
  const find = (more) => findProgram(['some-driver'], 'DRIVER', 'get it', { env: { ...env, ...more } });
  expect(find({})).toEqual({ path });
  expect(find({ DRIVER: '/nonexistent' })).toHaveProperty('reason');
  expect(find({ PATH: '' }).reason).toBe('no some-driver: get it, or set DRIVER to its executable');
});
