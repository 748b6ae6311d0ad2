// The one file that imports onnxruntime-web (a peer, loaded when first needed). `as` here: its types are wider than what
// a numeric tensor in memory can be.
import { fetchBytes, SegmentError, type TypedArray } from '@seg/core';
import type { Env, InferenceSession } from 'onnxruntime-web';

/** The vendor's own session options: profiling, graph optimisation, `extra`, ... */
export type OnnxWebSessionOptions = InferenceSession.SessionOptions;

/** The address of the folder that holds the vendor's `.mjs` and `.wasm`, or of each. */
export type OnnxWasmPaths = string | { readonly mjs?: string | URL; readonly wasm?: string | URL };

export interface Settings {
  readonly threads: number | undefined;
  readonly wasmPaths: OnnxWasmPaths | undefined;
  readonly session: OnnxWebSessionOptions;
}

/** An input or output of a file. A dynamic dimension is its name, or null where it has none; no shape at all is `[]`. */
export interface OnnxValue {
  readonly name: string;
  /** The vendor's word: `float32`, `uint8`, `int8`, `int32`, `int64`, `float16`, ... */
  readonly dtype: string;
  readonly shape: readonly (number | string | null)[];
}

/** What a file takes and gives. */
export interface OnnxFile {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** An input's elements: cards have inputs of float32, uint8 and int8. */
export type FeedData = Exclude<TypedArray, BigInt64Array>;

/** What one run is given: the file's only input. */
export interface Feed {
  readonly name: string;
  readonly dtype: 'float32' | 'uint8' | 'int8';
  readonly shape: readonly number[];
  readonly data: FeedData;
}

/** A vendor session behind our own types. */
export interface OnnxSession extends OnnxFile {
  /** Blocks the thread when its turn has come. `data` is a new array of each run: the vendor copies it off its heap. */
  run(
    feed: Feed,
    output: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly shape: readonly number[]; readonly data: TypedArray }>;
  release(): Promise<void>;
}

export type Vendor = typeof import('onnxruntime-web');
export type LoadVendor = () => Promise<Vendor>;

/** The vendor's wasm alone, without WebGL and WebGPU. @throws SegmentError `unsupported` when the peer is missing */
export const loadForBrowsers: LoadVendor = () => import('onnxruntime-web/wasm').catch(explainMissing);

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
export function requireSettings(vendor: Vendor, { threads, session }: Settings): void {
  const providers = (session.executionProviders ?? []).map((each) =>
    typeof each === 'string' ? each : each.name,
  );
  const other = providers.find((name) => name !== 'wasm');
  if (other !== undefined) {
    throw refusal('onnx-web does not offer this execution provider', 'wasm', other);
  }
  if (threads === undefined) return;
  if (threads > 1 && (globalThis.crossOriginIsolated === false || typeof SharedArrayBuffer === 'undefined')) {
    throw refusal(
      'threads: this page is not cross-origin isolated',
      '1, or the default',
      `${threads}`,
      ISOLATE,
    );
  }
  const running = vendor.env.wasm.numThreads;
  if (sharedOf(vendor).started && threads !== running) {
    throw refusal('onnxruntime-web starts once, and keeps its threads', `${running}`, `${threads}`);
  }
}

const ISOLATE =
  'Threads need the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

function refusal(message: string, expected: string, received: string, hint?: string): SegmentError {
  return new SegmentError('unsupported', message, {
    expected,
    received,
    ...(hint !== undefined && { hint }),
  });
}

/** @throws SegmentError `invalid-input` (no ONNX model), `unsupported` (operator, settings), `fetch` (wasm), `runtime` */
export function createOnnxSession(
  vendor: Vendor,
  bytes: Uint8Array,
  settings: Settings,
): Promise<OnnxSession> {
  return inTurn(vendor, async () => {
    requireSettings(vendor, settings);
    start(vendor, settings);
    const session = await vendor.InferenceSession.create(bytes, settings.session).catch(async (cause) => {
      throw await explainOpening(cause, bytes, vendor);
    });
    return {
      inputs: session.inputMetadata.map(describe),
      outputs: session.outputMetadata.map(describe),
      run: ({ name, dtype, shape, data }, output, signal) =>
        inTurn(vendor, async () => {
          signal?.throwIfAborted();
          // biome-ignore lint/plugin: the three array types of FeedData go with the three dtypes; the constructor's overloads name one pair each
          const feeds = { [name]: new vendor.Tensor(dtype, data as Float32Array, shape) };
          const result = (await session.run(feeds, [output]))[output];
          // biome-ignore lint/plugin: a numeric tensor in memory; check-recipe.ts has refused element types that have no TypedArray of ours
          return { shape: result?.dims ?? [], data: result?.data as TypedArray };
        }),
      release: () => inTurn(vendor, () => session.release()),
    };
  });
}

function start(vendor: Vendor, { threads, wasmPaths }: Settings): void {
  const [shared, { wasm }] = [sharedOf(vendor), vendor.env];
  if (shared.started) return;
  shared.started = true;
  wasm.proxy = false; // a worker between us would take away the bytes that we were lent
  if (threads !== undefined) wasm.numThreads = threads;
  if (wasmPaths !== undefined) wasm.wasmPaths = absolute(wasmPaths);
}

/** The vendor would take relative addresses as relative to its own script. */
function absolute(paths: OnnxWasmPaths): Env.WasmPrefixOrFilePaths {
  const page = globalThis.location?.href ?? ''; // there is none in Node
  const from = (path: string | URL) => (page.startsWith('http') ? new URL(path, page).href : String(path));
  if (typeof paths === 'string') return from(paths.endsWith('/') ? paths : `${paths}/`);
  const { mjs, wasm } = paths;
  return { ...(mjs !== undefined && { mjs: from(mjs) }), ...(wasm !== undefined && { wasm: from(wasm) }) };
}

/** The first line of an error's message, without the code that the vendor puts before its own. */
export function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  return line.replace(/^.*ERROR_MESSAGE: /, '').replace(/^\/\S+:\d+ .* was false\. /, '');
}

function describe(value: InferenceSession.ValueMetadata): OnnxValue {
  if (!value.isTensor) return { name: value.name, dtype: 'not a tensor', shape: [] };
  return {
    name: value.name,
    dtype: value.type,
    shape: value.shape.map((length) => (length === '' ? null : length)),
  };
}

/** Words of the vendor's messages: it has no codes. */
const NOT_STARTED = /no available backend found/i;
const NO_MODEL = /protobuf parsing failed|data pointer is null|does not have a graph|no graph was found/i;
const NOT_KNOWN = /No Op registered|not a registered function|not implemented|unsupported model|opset/i;

async function explainOpening(cause: unknown, bytes: Uint8Array, vendor: Vendor): Promise<SegmentError> {
  const said = firstLine(cause);
  if (NOT_STARTED.test(said)) return await explainStarting(cause, vendor.env);
  if (NO_MODEL.test(said)) {
    return new SegmentError('invalid-input', 'this file is not an ONNX model, or it is cut short', {
      expected: 'the bytes of an .onnx file',
      received: `${bytes.length} bytes that do not parse as one`,
      cause,
    });
  }
  const code = NOT_KNOWN.test(said) ? 'unsupported' : 'runtime';
  return new SegmentError(code, `ONNX Runtime does not open this model: ${said}`, { cause });
}

/** Asks once more for the files that the vendor starts from: it does not say what came in their place. */
async function explainStarting(cause: unknown, { wasm }: Env): Promise<SegmentError> {
  await new Promise((done) => setTimeout(done, 100)); // a browser lists what it asked for a moment later
  for (const url of filesOf(wasm.wasmPaths)) {
    const wrong = await whatIsWrong(url);
    if (wrong === null) continue;
    return new SegmentError('fetch', `onnxruntime-web cannot start from ${url}`, {
      received: wrong,
      hint: `Serve ${FILES.join(' and ')} of node_modules/onnxruntime-web/dist, set wasmPaths, and load the page anew`,
      cause,
    });
  }
  return new SegmentError('runtime', `onnxruntime-web does not start: ${firstLine(cause)}`, { cause });
}

const FILES = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/** The addresses that the vendor asks for; where nobody set them, those that the page has asked for. */
function filesOf(paths: Env.WasmPrefixOrFilePaths | undefined): string[] {
  const all =
    paths === undefined
      ? performance.getEntriesByType('resource').map(({ name }) => name)
      : typeof paths === 'string'
        ? FILES.map((file) => paths + file)
        : [paths.mjs, paths.wasm].map(String);
  return [...new Set(all)].filter(
    (url) => /^https?:/.test(url) && (paths !== undefined || /ort-wasm/.test(url)),
  );
}

async function whatIsWrong(url: string): Promise<string | null> {
  try {
    const { bytes } = await fetchBytes(url);
    const begin = String.fromCharCode(...bytes.subarray(0, 24));
    const right = /\.m?js([?#]|$)/.test(url) ? !/^\s*</.test(begin) : begin.startsWith('\0asm');
    return right ? null : `${bytes.length} bytes that begin with ${JSON.stringify(begin)}`;
  } catch (error) {
    return firstLine(error instanceof Error ? (error.cause ?? error) : error);
  }
}
