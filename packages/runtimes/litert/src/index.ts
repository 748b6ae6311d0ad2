import type { Runtime } from '@seg/core';
import {
  absolute,
  type BrowserImage,
  createWorkerRuntime,
  placeAssets,
  requireThreads,
  requireWord,
  runsInWorker,
  webSource,
} from '@seg/web';
import { createLitert, type LitertOptions, NAME, PROVIDES } from './runtime.ts';
import { type FilePlace, loadFromWeb } from './web-files.ts';

export type { LitertOptions, LitertSettings } from './runtime.ts';

/**
 * Seg on LiteRT.js, for models in TensorFlow Lite's format, MediaPipe's among them: by WebAssembly or WebGPU, on a page in
 * a worker of its own, elsewhere in the thread that calls. Needs the peer `@litertjs/core`. `session.accelerator` is what
 * was asked for.
 *
 * @throws SegmentError `invalid-input`, `unsupported` (threads); from `open`: `invalid-input` (no TFLite model),
 * `invalid-card` (card and file disagree), `unsupported` (an operator, a model that LiteRT cannot compute, sizes left open,
 * threads, no WebAssembly, no GPU or too small a one), `fetch` (wasm or worker not where it was looked for), `runtime`; or
 * `signal.reason`
 */
export function litert(options: LitertOptions = {}): Runtime<BrowserImage> {
  const { accelerator, threads } = options;
  const { source, workerUrl } = placeAssets(options, 'litert.worker.js', webSource());
  const place = placeOf(options);
  if (!runsInWorker(options.mode)) {
    return createLitert({ accelerator, threads }, source, loadFromWeb(place ?? 'bundled'));
  }
  requireThreads(threads);
  requireWord('accelerator', accelerator, ['wasm', 'webgpu']);
  return createWorkerRuntime({
    name: NAME,
    format: 'tflite',
    provides: PROVIDES,
    source,
    options: { accelerator, threads, place },
    workerUrl,
    start: () =>
      workerUrl === undefined
        ? new Worker(new URL('./worker-module.js', import.meta.url), { type: 'module' })
        : new Worker(workerUrl, { type: 'module' }),
  });
}

export default litert;

/** Undefined: each kind of worker knows best. */
function placeOf({ wasmPaths, assets }: LitertOptions): FilePlace | undefined {
  if (wasmPaths !== undefined) return { vendor: folder(wasmPaths) };
  return assets === undefined ? undefined : { assets: folder(assets) };
}

function folder(address: string | URL): string {
  return `${absolute(address)}`.replace(/\/*$/, '/');
}
