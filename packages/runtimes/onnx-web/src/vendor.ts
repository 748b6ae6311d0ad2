// The one file that imports onnxruntime-web (a peer, loaded when first needed). `as` here: its types are wider than what
// a numeric tensor in memory can be.
import { isSegmentError, SegmentError, type TypedArray } from '@seg/core';
import type { FileValue, ModelFile } from '@seg/core/adapter';
import { absolute, requireIsolation, requireWasm } from '@seg/web';
import type { GpuBuffer, GpuDevice } from '@seg/web/gpu';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import { explainOpening, firstLine } from './explain.ts';

/** The vendor's own session options: profiling, graph optimisation, `extra`, ... */
export type OnnxWebSessionOptions = InferenceSession.SessionOptions;

/** The address of the folder that holds the vendor's `.mjs` and `.wasm`, or of each. */
export type OnnxWasmPaths = string | { readonly mjs?: string | URL; readonly wasm?: string | URL };

/** What computes: `wasm` on the CPU, `webgpu` on the GPU. */
export type OnnxAccelerator = 'wasm' | 'webgpu';

export interface Settings {
  readonly accelerator: OnnxAccelerator;
  readonly threads: number | undefined;
  readonly wasmPaths: OnnxWasmPaths | undefined;
  readonly session: OnnxWebSessionOptions;
}

/** An input's elements: cards have inputs of float32, uint8 and int8. */
export type FeedData = Exclude<TypedArray, BigInt64Array>;

/** What one run is given: the file's only input, in memory or in a GPU buffer. */
export interface Feed {
  readonly name: string;
  readonly dtype: 'float32' | 'uint8' | 'int8';
  readonly shape: readonly number[];
  readonly data: FeedData | { readonly buffer: GpuBuffer };
}

/** What a run gives: a new array, which the vendor copied off its heap, or its own buffer, on loan until `dispose()`. */
export type Output = { readonly shape: readonly number[] } & (
  | { readonly data: TypedArray }
  | { readonly buffer: GpuBuffer; dispose(): void }
);

/** Where a session computes when not on the CPU. */
export interface OnnxGpu {
  readonly device: GpuDevice;
  /** `work`, or a rejection with `device-lost` as soon as the device is gone. */
  whileAlive<Result>(work: Promise<Result>): Promise<Result>;
}

/** A vendor session behind our own types. */
export interface OnnxSession extends ModelFile {
  /** On the CPU it blocks the thread when its turn has come. */
  run(feed: Feed, output: string, signal: AbortSignal | undefined): Promise<Output>;
  release(): Promise<void>;
}

export type Vendor = typeof import('onnxruntime-web');
export type LoadVendor = (accelerator: OnnxAccelerator) => Promise<Vendor>;

/** The smallest of the vendor's entries that can do it. @throws SegmentError `unsupported` when the peer is missing */
export const loadForBrowsers: LoadVendor = (accelerator) =>
  (accelerator === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm')).catch(
    explainMissing,
  );

/** The same wasm by the vendor's entry for Node: `/wasm` cannot start threads there (it fetches a `file:` address). */
export const loadForNode: LoadVendor = () => import('onnxruntime-web').catch(explainMissing);

function explainMissing(cause: unknown): never {
  throw new SegmentError('unsupported', 'onnxruntime-web is not installed, or does not load', {
    received: firstLine(cause),
    hint: 'Run: npm install onnxruntime-web',
    cause,
  });
}

/** What all users of one vendor share, also through two copies of this package: it hangs on the vendor's `env`. */
interface Shared {
  started: boolean;
  /** The last call's end. Its calls interleave on one wasm stack, so that a second one would break the first. */
  last: Promise<unknown>;
}

const SHARED = Symbol.for('@seg/onnx-web');

function sharedOf({ env }: Vendor): Shared {
  // biome-ignore lint/plugin: under this symbol stands only what the line below put there
  const found = Reflect.get(env, SHARED) as Shared | undefined;
  if (found !== undefined) return found;
  const shared: Shared = { started: false, last: Promise.resolve() };
  Reflect.set(env, SHARED, shared);
  return shared;
}

function inTurn<Result>(vendor: Vendor, work: () => Promise<Result>): Promise<Result> {
  const shared = sharedOf(vendor);
  const result = shared.last.then(work);
  shared.last = result.catch(() => {});
  return result;
}

/**
 * The vendor would fall back to one thread with a warning on the console, and keeps the threads that it started with:
 * we refuse what it would not do.
 *
 * @throws SegmentError `unsupported` (provider, threads)
 */
export function requireSettings(vendor: Vendor, { accelerator, threads, session }: Settings): void {
  const providers = session.executionProviders?.map((each) => (typeof each === 'string' ? each : each.name));
  const other = providers?.find((name) => name !== accelerator);
  if (other !== undefined) {
    throw refusal('onnx-web does not offer this execution provider', accelerator, other);
  }
  if (accelerator === 'webgpu' && threads !== undefined && threads > 1) {
    throw refusal('onnx-web on WebGPU has no threads of the CPU', '1, or the default', `${threads}`);
  }
  requireWasm();
  requireIsolation(threads);
  const running = vendor.env.wasm.numThreads;
  if (threads !== undefined && sharedOf(vendor).started && threads !== running) {
    throw refusal('onnxruntime-web starts once, and keeps its threads', `${running}`, `${threads}`);
  }
}

function refusal(message: string, expected: string, received: string): SegmentError {
  return new SegmentError('unsupported', message, { expected, received });
}

/** @throws SegmentError `invalid-input` (no ONNX model), `unsupported` (operator, settings), `fetch` (wasm), `runtime` */
export function createOnnxSession(
  vendor: Vendor,
  bytes: Uint8Array,
  settings: Settings,
  gpu?: OnnxGpu,
): Promise<OnnxSession> {
  const whileAlive: OnnxGpu['whileAlive'] = gpu?.whileAlive ?? ((work) => work);
  return inTurn(vendor, async () => {
    requireSettings(vendor, settings);
    start(vendor, settings);
    const options = sessionOptions(settings, gpu?.device);
    const session = await whileAlive(vendor.InferenceSession.create(bytes, options)).catch(async (cause) => {
      if (isSegmentError(cause)) throw cause;
      const place = settings.wasmPaths && absolutePaths(settings.wasmPaths);
      throw await explainOpening(cause, bytes, place, VENDOR_FILES[settings.accelerator]);
    });
    return {
      inputs: session.inputMetadata.map(describe),
      outputs: session.outputMetadata.map(describe),
      run: (feed, output, signal) =>
        inTurn(vendor, async () => {
          signal?.throwIfAborted();
          const running = session.run({ [feed.name]: tensorOf(vendor, feed) }, [output]);
          const result = (await whileAlive(running))[output];
          if (result === undefined) return { shape: [], data: new Float32Array() };
          return outputOf(result);
        }),
      release: () => inTurn(vendor, () => whileAlive(session.release())),
    };
  });
}

/** What each entry starts from. */
export const VENDOR_FILES: Readonly<Record<OnnxAccelerator, readonly string[]>> = {
  wasm: ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'],
  webgpu: ['ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'],
};

function sessionOptions({ session }: Settings, device: GpuDevice | undefined): OnnxWebSessionOptions {
  if (device === undefined) return { executionProviders: ['wasm'], ...session };
  return {
    executionProviders: [{ name: 'webgpu', device }],
    preferredOutputLocation: 'gpu-buffer',
    // what the GPU cannot do is refused, not computed on the CPU in secret
    extra: { session: { disable_cpu_ep_fallback: '1' } },
    ...session,
  };
}

function tensorOf(vendor: Vendor, { dtype, shape, data }: Feed): OrtTensor {
  if ('buffer' in data && !ArrayBuffer.isView(data)) {
    if (dtype === 'int8') throw refusal('onnxruntime-web on WebGPU', 'an input of float32 or uint8', dtype);
    return vendor.Tensor.fromGpuBuffer(data.buffer, { dataType: dtype, dims: shape });
  }
  // biome-ignore lint/plugin: the three array types of FeedData go with the three dtypes; the constructor's overloads name one pair each
  return new vendor.Tensor(dtype, data as Float32Array, shape);
}

function outputOf(result: OrtTensor): Output {
  const shape = result.dims;
  if (result.location === 'gpu-buffer') {
    return { shape, buffer: result.gpuBuffer, dispose: () => result.dispose() };
  }
  // biome-ignore lint/plugin: a numeric tensor in memory; requireRecipe has refused element types that have no TypedArray of ours
  return { shape, data: result.data as TypedArray };
}

function start(vendor: Vendor, { accelerator, threads, wasmPaths }: Settings): void {
  const [shared, { wasm }] = [sharedOf(vendor), vendor.env];
  if (shared.started) return;
  shared.started = true;
  wasm.proxy = false; // a worker between us would take away the bytes that we were lent
  if (accelerator === 'webgpu') wasm.numThreads = 1;
  else if (threads !== undefined) wasm.numThreads = threads;
  if (wasmPaths !== undefined) wasm.wasmPaths = absolutePaths(wasmPaths);
}

/** The vendor would take relative addresses as relative to its own script, and a worker as relative to its own. */
export function absolutePaths(paths: OnnxWasmPaths): string | { mjs?: string; wasm?: string } {
  if (typeof paths === 'string') return absolute(paths.endsWith('/') ? paths : `${paths}/`);
  const { mjs, wasm } = paths;
  return {
    ...(mjs !== undefined && { mjs: absolute(mjs) }),
    ...(wasm !== undefined && { wasm: absolute(wasm) }),
  };
}

function describe(value: InferenceSession.ValueMetadata): FileValue {
  if (!value.isTensor) return { name: value.name, dtype: 'not a tensor', shape: [] };
  return {
    name: value.name,
    dtype: value.type,
    shape: value.shape.map((length) => (length === '' ? null : length)),
  };
}
