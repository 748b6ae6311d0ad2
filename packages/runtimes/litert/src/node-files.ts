import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { SegmentError } from '@seg/core';
import { BUILDS, type Loader } from './instance.ts';
import type { Factory } from './vendor.ts';

/** Gets a build's files from a folder, by default the installed package's. */
export function loadFromDisk(wasmPaths: string | URL | undefined): Loader {
  return {
    from: `${wasmPaths ?? 'package'}`,
    hasThreads: false,
    async probe() {
      if (wasmPaths === undefined) vendorFolder();
    },
    async load(build) {
      const folder = wasmPaths === undefined ? vendorFolder() : pathOf(wasmPaths);
      const path = join(folder, BUILDS[build]);
      const [script, wasm] = await Promise.all([read(`${path}.js`), read(`${path}.wasm`)]);
      return { factory: evaluate(script.toString(), `${path}.js`), wasm: new Uint8Array(wasm) };
    },
  };
}

function vendorFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@litertjs/core')), '../wasm');
  } catch (cause) {
    throw new SegmentError('unsupported', '@litertjs/core is not installed', {
      hint: 'Run: npm install @litertjs/core',
      cause,
    });
  }
}

function pathOf(folder: string | URL): string {
  return `${folder}`.startsWith('file:') ? fileURLToPath(folder) : `${folder}`;
}

async function read(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    throw new SegmentError('io', `${path} cannot be read`, {
      hint: 'wasmPaths is the folder @litertjs/core/wasm',
      cause,
    });
  });
}

/** The vendor's script is CommonJS in a package of ES modules: neither import nor require makes anything of it. */
function evaluate(text: string, path: string): Factory {
  const module: { exports: unknown } = { exports: null };
  const names = ['module', 'exports', 'require', '__filename', '__dirname'];
  const run = compileFunction(text, names, { filename: path });
  run(module, {}, createRequire(path), path, dirname(path));
  // biome-ignore lint/plugin: what the vendor's script exports
  return module.exports as Factory;
}
