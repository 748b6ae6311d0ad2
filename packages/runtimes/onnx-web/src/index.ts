import { fetchSource, type Runtime } from '@seg/core';
import { createOnnxWeb, type OnnxWebOptions } from './runtime.ts';
import { loadForBrowsers } from './vendor.ts';

export type { OnnxWebOptions } from './runtime.ts';
export type { OnnxWasmPaths, OnnxWebSessionOptions } from './vendor.ts';

/**
 * Seg on ONNX Runtime Web, computed by WebAssembly in the thread that calls: on a page, in a worker, in Node. Needs the
 * peer `onnxruntime-web`. `session.accelerator` is `wasm`.
 *
 * @throws SegmentError `invalid-input` (threads); from `open`: `invalid-input` (no ONNX model), `invalid-card` (card and file disagree),
 * `unsupported` (missing peer, provider, threads, operator, float16), `fetch` (wasm not where it was looked for), `runtime`;
 * or `signal.reason`
 */
export function onnxWeb(options: OnnxWebOptions = {}): Runtime {
  return createOnnxWeb({ ...options, source: options.source ?? fetchSource }, loadForBrowsers);
}
