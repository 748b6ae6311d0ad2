// The one file that imports onnxruntime-node (a peer, loaded when first needed). `as` here: its types are wider than
// what a numeric tensor in memory can be.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SegmentError, type TypedArray } from '@seg/core';
import type { FileValue, ModelFile } from '@seg/core/adapter';
import type { InferenceSession } from 'onnxruntime-node';

/** The vendor's own session options: execution providers, profiling, graph optimisation, threads, `extra`, ... */
export type OnnxSessionOptions = InferenceSession.SessionOptions;

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
export interface OnnxSession extends ModelFile {
  /** Blocks the thread. `data` is a new array of each run: the binding hands out no other, fetches given or not. */
  run(feed: Feed, output: string): Promise<{ readonly shape: readonly number[]; readonly data: TypedArray }>;
  release(): Promise<void>;
}

type Vendor = typeof import('onnxruntime-node');

/**
 * The vendor's own switch (1.30): without it every process writes an identifier into the user's cache folder and reports
 * to its maker's server. A worker loads the vendor in the same process, so the main thread sets it before it starts one.
 */
export function silenceTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}

/** @throws SegmentError `unsupported` when the peer is missing or has no binary for this platform */
export async function loadVendor(): Promise<Vendor> {
  silenceTelemetry();
  try {
    return (await import('onnxruntime-node')).default;
  } catch (cause) {
    const missing = /'onnxruntime-node'|"onnxruntime-node"/.test(firstLine(cause));
    throw new SegmentError('unsupported', missing ? 'onnxruntime-node is not installed' : firstLine(cause), {
      hint: missing
        ? 'Run: npm install onnxruntime-node (with ONNXRUNTIME_NODE_INSTALL=skip where it shall not download CUDA)'
        : `onnxruntime-node has no binary that loads on ${process.platform} ${process.arch}`,
      cause,
    });
  }
}

/**
 * The vendor's version and the execution providers that its build knows; whether one works here, opening a model tells.
 *
 * @throws SegmentError `unsupported` as {@link loadVendor}
 */
export async function onnxRuntimeInfo(): Promise<{
  readonly version: string;
  readonly providers: readonly string[];
}> {
  const { env, listSupportedBackends } = await loadVendor();
  return {
    version: env.versions.node ?? env.versions.common,
    providers: listSupportedBackends().map(({ name }) => name),
  };
}

/** The names of the execution providers that the options ask for, beyond the CPU. */
export function wantedProviders(options: OnnxSessionOptions): string[] {
  const names = (options.executionProviders ?? []).map((each) =>
    typeof each === 'string' ? each : each.name,
  );
  return names.filter((name) => name !== 'cpu');
}

/**
 * The vendor would drop a provider that it lacks with a warning on the console: we refuse it.
 *
 * @throws SegmentError `unsupported`
 */
export async function requireProviders(options: OnnxSessionOptions): Promise<void> {
  const offered = (await onnxRuntimeInfo()).providers;
  for (const name of wantedProviders(options)) {
    if (offered.includes(name)) continue;
    throw new SegmentError('unsupported', 'this build of onnxruntime-node lacks an execution provider', {
      expected: offered.join(', '),
      received: name,
    });
  }
}

/** @throws SegmentError `invalid-input` (no ONNX model), `unsupported` (operator, version, provider), `runtime` */
export async function createOnnxSession(
  bytes: Uint8Array,
  options: OnnxSessionOptions,
): Promise<OnnxSession> {
  const { InferenceSession, Tensor } = await loadVendor();
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, options);
  } catch (cause) {
    throw explainOpening(cause, bytes, wantedProviders(options));
  }
  return {
    inputs: session.inputMetadata.map(describe),
    outputs: session.outputMetadata.map(describe),
    async run({ name, dtype, shape, data }, output) {
      // biome-ignore lint/plugin: the three array types of FeedData go with the three dtypes; the constructor's overloads name one pair each
      const feeds = { [name]: new Tensor(dtype, data as Float32Array, shape) };
      // one fetch, so the first value is it (binding versions have differed in the name they put it under)
      const [result] = Object.values(await session.run(feeds, [output]));
      // biome-ignore lint/plugin: a numeric tensor in memory; requireRecipe has refused element types that have no TypedArray of ours
      return { shape: result?.dims ?? [], data: result?.data as TypedArray };
    },
    release: () => session.release(),
  };
}

/** Which providers computed nodes of one run with `feed`, read from the vendor's own trace: `webgpu`, `cpu`, ... */
export async function findProviders(
  bytes: Uint8Array,
  options: OnnxSessionOptions,
  feed: Feed,
  output: string,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'seg-onnx-'));
  try {
    const traced = { ...options, enableProfiling: true, profileFilePrefix: join(folder, 'trace') };
    const session = await createOnnxSession(bytes, traced);
    try {
      await session.run(feed, output);
    } finally {
      await session.release(); // writes the trace
    }
    const [file = ''] = await readdir(folder);
    // biome-ignore lint/plugin: the vendor's trace (Chrome's trace event format); every field is treated as absent
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
      args?: { provider?: string };
    }[];
    const names = events.map(({ args }) => args?.provider?.replace(/ExecutionProvider$/, '').toLowerCase());
    const found = new Set(names.filter((name) => name !== undefined));
    return [...found].sort((a, b) => Number(a === 'cpu') - Number(b === 'cpu'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first line of an error's message, without the place in the vendor's sources that its assertions begin with. */
export function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  return line.replace(/^\/\S+:\d+ .* was false\. /, '');
}

function describe(value: InferenceSession.ValueMetadata): FileValue {
  if (!value.isTensor) return { name: value.name, dtype: 'not a tensor', shape: [] };
  return {
    name: value.name,
    dtype: value.type,
    shape: value.shape.map((length) => (length === '' ? null : length)),
  };
}

/** Words of the vendor's messages: it has no codes. */
const NO_MODEL = /protobuf parsing failed|data pointer is null|does not have a graph|no graph was found/i;
const NOT_KNOWN = /No Op registered|not a registered function|not implemented|unsupported model|opset/i;

function explainOpening(cause: unknown, bytes: Uint8Array, providers: readonly string[]): SegmentError {
  const said = firstLine(cause);
  if (NO_MODEL.test(said)) {
    return new SegmentError('invalid-input', 'this file is not an ONNX model, or it is cut short', {
      expected: 'the bytes of an .onnx file',
      received: `${bytes.length} bytes that do not parse as one`,
      cause,
    });
  }
  const refuser = providers.length === 0 ? 'ONNX Runtime' : `ONNX Runtime on ${providers.join(', ')}`;
  const code = providers.length > 0 || NOT_KNOWN.test(said) ? 'unsupported' : 'runtime';
  return new SegmentError(code, `${refuser} does not open this model: ${said}`, { cause });
}
