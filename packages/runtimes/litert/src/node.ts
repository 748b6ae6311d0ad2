// What Node gets in place of index.ts, by the `node` condition of package.json.
import type { Runtime } from '@seg/core';
import { defaultSource } from '@seg/node/cache';
import { type BrowserImage, requireInline } from '@seg/web';
import { loadFromDisk } from './node-files.ts';
import { createLitert, type LitertOptions } from './runtime.ts';

/** As in index.ts, by WebAssembly on one thread; models come from the cache of `@seg/node`. */
export function litert(options: LitertOptions = {}): Runtime<BrowserImage> {
  requireInline(options.mode);
  return createLitert(options, options.source ?? defaultSource(), loadFromDisk(options.wasmPaths));
}

export default litert;
