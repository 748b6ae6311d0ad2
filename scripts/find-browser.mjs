// Finds the browsers that tests drive. None is downloaded: what is not on this machine is skipped, with the reason.
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Chromium, Chrome and Edge: their names on PATH, and where installers put them. */
const CHROMIUMS = {
  linux: {
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'],
    folders: () => [
      '/usr/bin',
      '/snap/bin',
      '/usr/lib/chromium',
      '/opt/google/chrome',
      '/opt/microsoft/msedge',
    ],
    files: ['chromium', 'chromium-browser', 'google-chrome', 'chrome', 'msedge'],
  },
  darwin: {
    names: [],
    folders: () => ['/Applications', join(homedir(), 'Applications')],
    files: ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
      (name) => `${name}.app/Contents/MacOS/${name}`,
    ),
  },
  win32: {
    names: ['chrome.exe', 'msedge.exe'],
    folders: (env) => [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean),
    files: [
      'Google/Chrome/Application/chrome.exe',
      'Chromium/Application/chrome.exe',
      'Microsoft/Edge/Application/msedge.exe',
    ],
  },
};

/** In a folder of Playwright's own downloads: builds before and after it took Chrome for Testing. */
const DOWNLOADED = [
  'chrome-linux64/chrome',
  'chrome-linux/chrome',
  'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  'chrome-win64/chrome.exe',
  'chrome-win/chrome.exe',
];

/**
 * A Chromium, Chrome or Edge: CHROME_PATH, then PATH, the usual places, Playwright's own downloads.
 *
 * @returns {{ path: string } | { reason: string }}
 */
export function findChromium({ env = process.env, platform = process.platform, runs = isExecutable } = {}) {
  const { names, folders, files } = CHROMIUMS[platform] ?? CHROMIUMS.linux;
  const places = [
    ...onPath(names, env),
    ...folders(env).flatMap((folder) => files.map((file) => join(folder, file))),
    ...downloads(env, platform),
  ];
  const reason = 'no Chromium, Chrome or Edge: install one, or set CHROME_PATH to its executable';
  return namedBy('CHROME_PATH', env, runs) ?? first(places, runs, reason);
}

/**
 * The program that a variable names, or the first of `names` on PATH.
 *
 * @returns {{ path: string } | { reason: string }}
 */
export function findProgram(names, variable, hint, { env = process.env, runs = isExecutable } = {}) {
  const reason = `no ${names[0]}: ${hint}, or set ${variable} to its executable`;
  return namedBy(variable, env, runs) ?? first(onPath(names, env), runs, reason);
}

/** A variable that is set decides alone: one that names nothing says that there is no browser. */
function namedBy(variable, env, runs) {
  const path = env[variable];
  return path ? first([path], runs, `${variable} names ${path}, which cannot be run`) : null;
}

function first(paths, runs, reason) {
  const path = paths.find(runs);
  return path === undefined ? { reason } : { path };
}

function onPath(names, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((name) => join(folder, name)));
}

/** Newest first. */
function downloads(env, platform) {
  const caches = {
    win32: join(env.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
    darwin: join(homedir(), 'Library/Caches/ms-playwright'),
  };
  const cache = env.PLAYWRIGHT_BROWSERS_PATH || (caches[platform] ?? join(homedir(), '.cache/ms-playwright'));
  return namesIn(cache)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => Number(b.slice('chromium-'.length)) - Number(a.slice('chromium-'.length)))
    .flatMap((name) => DOWNLOADED.map((file) => join(cache, name, file)));
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
