// What Node gets in place of index.ts, by the `node` condition of package.json.
import type { Runtime } from '@seg/core';
import { defaultSource } from '@seg/node/cache';
import { type BrowserImage, requireInline } from '@seg/web';
import { createTfjs, type TfjsWebgpuOptions } from './runtime.ts';

/** As in index.ts; models come from the cache of `@seg/node`. */
export function tfjsWebgpu(options: TfjsWebgpuOptions = {}): Runtime<BrowserImage> {
  requireInline(options.mode);
  return createTfjs({ ...options, source: options.source ?? defaultSource() });
}

export default tfjsWebgpu;
