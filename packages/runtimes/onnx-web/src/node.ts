// What Node gets in place of index.ts, by the `node` condition of package.json.
import type { Runtime } from '@seg/core';
import { defaultSource } from '@seg/node/cache';
import { type BrowserImage, requireInline } from '@seg/web';
import { createOnnxWeb, type OnnxWebOptions } from './runtime.ts';
import { loadForNode } from './vendor.ts';

/** As in index.ts; models come from the cache of `@seg/node`. */
export function onnxWeb(options: OnnxWebOptions = {}): Runtime<BrowserImage> {
  requireInline(options.mode);
  return createOnnxWeb({ ...options, source: options.source ?? defaultSource() }, loadForNode);
}

export default onnxWeb;
