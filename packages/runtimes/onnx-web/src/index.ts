import type { Runtime } from '@seg/core';
import {
  type BrowserImage,
  createWorkerRuntime,
  placeAssets,
  requireThreads,
  requireWord,
  runsInWorker,
  webSource,
} from '@seg/web';
import { createOnnxWeb, type OnnxWebOptions } from './runtime.ts';
import { absolutePaths, loadForBrowsers } from './vendor.ts';

export type { OnnxWebOptions, OnnxWebSettings } from './runtime.ts';
export type { OnnxAccelerator, OnnxWasmPaths, OnnxWebSessionOptions } from './vendor.ts';

/**
 * Seg on ONNX Runtime Web, computed by WebAssembly: on a page in a worker of its own, elsewhere in the thread that calls.
 * Needs the peer `onnxruntime-web`. `session.accelerator` is `wasm`.
 *
 * @throws SegmentError `invalid-input` (threads); from `open`: `invalid-input` (no ONNX model), `invalid-card` (card and file disagree),
 * `unsupported` (missing peer, provider, threads, operator, float16), `fetch` (wasm or worker not where it was looked for), `runtime`;
 * or `signal.reason`
 */
export function onnxWeb(options: OnnxWebOptions = {}): Runtime<BrowserImage> {
  const { accelerator, threads, session } = options;
  const { source, wasmPaths, workerUrl } = placeAssets(options, 'onnx-web.worker.js', webSource());
  if (!runsInWorker(options.mode)) {
    return createOnnxWeb({ accelerator, threads, session, wasmPaths, source }, loadForBrowsers);
  }
  requireThreads(threads);
  requireWord('accelerator', accelerator, ['wasm', 'webgpu']);
  return createWorkerRuntime({
    name: 'onnx-web',
    format: 'onnx',
    source,
    options: {
      accelerator,
      threads,
      session,
      ...(wasmPaths !== undefined && { wasmPaths: absolutePaths(wasmPaths) }),
    },
    workerUrl,
    start: () =>
      workerUrl === undefined
        ? new Worker(new URL('./worker-module.js', import.meta.url), { type: 'module' })
        : new Worker(workerUrl, { type: 'module' }),
  });
}

export default onnxWeb;
