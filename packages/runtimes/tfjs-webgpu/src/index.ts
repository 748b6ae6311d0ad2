import type { Runtime } from '@seg/core';
import {
  absolute,
  type BrowserImage,
  createWorkerRuntime,
  placeAssets,
  runsInWorker,
  webSource,
} from '@seg/web';
import { createTfjs, requireSettings, type TfjsWebgpuOptions } from './runtime.ts';
import type { TfjsWasmPaths } from './wasm.ts';

export type { TfjsWebgpuOptions, TfjsWebgpuSettings } from './runtime.ts';
export type { TfjsAccelerator } from './vendor.ts';
export type { TfjsWasmPaths } from './wasm.ts';

/**
 * Seg on TensorFlow.js graph models, computed by WebGPU, WebAssembly or plain JavaScript: on a page in a worker of its
 * own, elsewhere in the thread that calls. Needs the peers `@tensorflow/tfjs-core`, `-converter` and the back end's
 * package. `session.accelerator` is the back end's name. On `webgpu` tensors stay in GPU buffers.
 *
 * @throws SegmentError `invalid-input` (accelerator, threads); from `open`: `invalid-input` (no graph model, other weights),
 * `invalid-card` (card and file disagree), `unsupported` (missing peer, no adapter, another back end in use, threads,
 * operators), `fetch` (wasm or worker not where it was looked for), `device-lost`, `runtime`; or `signal.reason`
 */
export function tfjsWebgpu(options: TfjsWebgpuOptions = {}): Runtime<BrowserImage> {
  const { source, workerUrl, wasmPaths } = placeAssets(options, 'tfjs-webgpu.worker.js', webSource());
  const { accelerator, threads } = options;
  // the one-file worker knows its own folder
  const paths = wasmPaths ?? (workerUrl === undefined ? './' : undefined);
  const settings = { accelerator, threads, ...(paths !== undefined && { wasmPaths: fromPage(paths) }) };
  if (!runsInWorker(options.mode)) return createTfjs({ ...settings, source });
  requireSettings(settings);
  return createWorkerRuntime({
    name: 'tfjs-webgpu',
    format: 'tfjs',
    source,
    options: settings,
    workerUrl,
    start: () =>
      workerUrl === undefined
        ? new Worker(new URL('./worker-module.js', import.meta.url), { type: 'module' })
        : new Worker(workerUrl, { type: 'module' }),
  });
}

export default tfjsWebgpu;

/** A worker would take relative addresses as relative to its own file. */
function fromPage(paths: TfjsWasmPaths): TfjsWasmPaths {
  if (typeof paths === 'string') return absolute(paths) ?? paths;
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, absolute(path) ?? path]));
}
