// The vitest project `chromium`: every package's test/browser/ in a real, headless Chromium.
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { findChromium } from '../../scripts/find-browser.mjs';
import { root } from '../../scripts/workspace.mjs';
import { CACHE, FOLDERS, ISOLATION, serveFile } from './serve-files.ts';

const INCLUDE = ['{packages/*,packages/runtimes/*}/test/browser/**/*.test.ts', 'tests/browser/*.test.ts'];

const GLOBAL_SETUP = join(root, 'tests/browser/global-setup.ts');

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu', // without a GPU: SwiftShader
  '--js-flags=--expose-gc',
];

export function chromiumProject(): TestProjectInlineConfiguration {
  const found = findChromium();
  return 'path' in found ? inChromium(found.path) : skippedProject(found.reason);
}

function inChromium(executablePath: string): TestProjectInlineConfiguration {
  return {
    root,
    cacheDir: CACHE,
    server: { headers: ISOLATION },
    plugins: [files],
    // Vendors find their wasm beside their own script: they must be served from where they are.
    optimizeDeps: { exclude: ['onnxruntime-web', '@litertjs/core'] },
    test: {
      name: 'chromium',
      include: INCLUDE,
      testTimeout: 60_000,
      globalSetup: GLOBAL_SETUP,
      sequence: { groupOrder: 1 },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: FLAGS } }),
        instances: [{ browser: 'chromium', name: 'chromium' }],
      },
    },
  };
}

/** The same files, each as one skipped test that says why. */
function skippedProject(reason: string): TestProjectInlineConfiguration {
  return {
    root,
    plugins: [
      {
        name: 'seg:skip',
        enforce: 'pre',
        load(id) {
          if (!/\/tests?\/browser\/.*\.test\.ts$/.test(id)) return null;
          const [title, note] = [`in Chromium (skipped: ${reason})`, reason].map((text) =>
            JSON.stringify(text),
          );
          return `import { test } from 'vitest';\ntest(${title}, ({ skip }) => skip(${note}));`;
        },
      },
    ],
    test: { name: 'chromium', include: INCLUDE, globalSetup: GLOBAL_SETUP },
  };
}

/** Answers /shared/ and /repo/ before Vite does, with the files' own bytes. */
const files: Plugin = {
  name: 'seg:files',
  enforce: 'pre',
  configureServer({ middlewares }) {
    for (const [path, folder] of Object.entries(FOLDERS)) {
      middlewares.use(path, (request, response) => serveFile(folder, request, response));
    }
  },
};
