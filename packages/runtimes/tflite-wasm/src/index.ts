import type { Runtime } from '@seg/core';
import {
  absolute,
  type BrowserImage,
  createWorkerRuntime,
  placeAssets,
  requireThreads,
  runsInWorker,
  webSource,
} from '@seg/web';
import { about } from './about.ts';
import { createBrowserPlace } from './browser-place.ts';
import type { TfliteWasmOptions } from './options.ts';
import { createTfliteWasm } from './runtime.ts';

export type { TfliteWasmOptions, TfliteWasmSettings } from './options.ts';

/**
 * Seg on TensorFlow Lite, computed by WebAssembly: on a page in a worker of its own, elsewhere in the thread that calls.
 * The vendor is inside this package. `session.accelerator` is `wasm`.
 *
 * @throws SegmentError `invalid-input` (threads); from `open`: `invalid-input` (no TFLite model), `invalid-card` (card and
 * file disagree), `unsupported` (operators, element types, threads, no SIMD), `fetch` (wasm or worker not where it was
 * looked for), `runtime`; or `signal.reason`
 */
export function tfliteWasm(options: TfliteWasmOptions = {}): Runtime<BrowserImage> {
  const { threads } = options;
  requireThreads(threads);
  const { source, wasmPaths, workerUrl } = placeAssets(options, 'tflite-wasm.worker.js', webSource());
  const folder = absolute(wasmPaths)?.replace(/\/*$/, '/');
  if (!runsInWorker(options.mode)) return createTfliteWasm({ threads }, createBrowserPlace(folder, source));
  return createWorkerRuntime({
    ...about,
    source,
    options: { threads, folder },
    workerUrl,
    start: () =>
      workerUrl === undefined
        ? new Worker(new URL('./worker-module.js', import.meta.url), { type: 'module' })
        : new Worker(workerUrl, { type: 'module' }),
  });
}

export default tfliteWasm;
