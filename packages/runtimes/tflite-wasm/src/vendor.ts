// The one file that touches the vendor's glue (vendor/*.mjs, copied from @tensorflow/tfjs-tflite). `as` here: the glue
// has no types, and those below say what its bindings give.
import { SegmentError, type TypedArray } from '@seg/core';
import type { FileValue, ModelFile } from '@seg/core/adapter';
import { requireWasm } from '@seg/web';
import { customOperators } from './custom-operators.ts';

/** What the vendor needs of the place where it runs. */
export interface Platform {
  /** The bytes of one of the vendor's files. Rejects with `fetch` or `io` where it is not what it should be. */
  loadWasm(file: 'tflite-simd.wasm' | 'tflite-simd-threaded.wasm'): Promise<Uint8Array>;
  /** A worker of the name THREAD_NAME that runs tflite-simd-threaded.mjs. */
  createThread(): Thread;
  /** Why it does not start with threads; `said` is the error that came. */
  explainThreads(said: string): Promise<SegmentError>;
}

/** A Worker, or what has its `postMessage`, `onmessage` and `onerror` for the glue. */
export interface Thread {
  terminate(): void;
}

/** The glue starts as a thread in a worker of this name. */
export const THREAD_NAME = 'seg-tflite-thread';

/** An open file, in a wasm memory of its own. */
export interface TfliteModel extends ModelFile {
  /**
   * Blocks the thread. Returns the output of that name as it lies in wasm memory: to be copied before the next call.
   *
   * @throws SegmentError `runtime`
   */
  run(input: TypedArray, output: string): { readonly shape: readonly number[]; readonly data: TypedArray };
  release(): void;
}

/** Opens files. Each has a wasm instance of its own, so that one that fails harms no other and leaves nothing behind. */
export interface Vendor {
  /** @throws SegmentError `invalid-input`, `unsupported`, `fetch`, `io`, `runtime` */
  open(bytes: Uint8Array): Promise<TfliteModel>;
}

export function createVendor(platform: Platform, threads: number): Vendor {
  let compiled: Promise<WebAssembly.Module> | null = null;
  function compile(): Promise<WebAssembly.Module> {
    compiled ??= compileWasm(platform, threads).catch((error: unknown) => {
      compiled = null; // the next open tries again
      throw error;
    });
    return compiled;
  }
  return {
    async open(bytes) {
      const instance = await startInstance(await compile(), platform, threads);
      try {
        return openModel(instance, bytes);
      } catch (error) {
        instance.end();
        throw error;
      }
    },
  };
}

async function compileWasm(platform: Platform, threads: number): Promise<WebAssembly.Module> {
  const bytes = await platform.loadWasm(threads > 1 ? 'tflite-simd-threaded.wasm' : 'tflite-simd.wasm');
  // biome-ignore lint/plugin: bytes that came from a file or the network are in no shared memory
  return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>).catch((cause: unknown) => {
    requireWasm(); // a policy that forbids it says so
    throw new SegmentError('fetch', "TensorFlow Lite's WebAssembly file is cut off or damaged", {
      received: `${bytes.length} bytes that do not compile: ${messageOf(cause)}`,
      hint: 'Copy it again: seg assets copy',
      cause,
    });
  });
}

/** The vendor's objects: each is ours to delete. */
interface Handle {
  delete(): void;
}

interface TensorInfo extends Handle {
  readonly name: string;
  /** `unknown` for int64, float16, ... */
  readonly dataType: string;
  /** `1,257,257,3` */
  readonly shape: string;
  /** A view of wasm memory, stale when that grows. */
  data(): TypedArray;
}

interface TensorInfos extends Handle {
  size(): number;
  get(index: number): TensorInfo;
}

interface Runner extends Handle {
  GetInputs(): TensorInfos;
  GetOutputs(): TensorInfos;
  Infer(): boolean;
}

interface RunnerOrStatus extends Handle {
  ok(): boolean;
  errorMessage(): string;
  value(): Runner;
}

interface Glue {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  readonly TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(pointer: number, bytes: number, options: object): RunnerOrStatus;
  };
}

interface Instance {
  readonly glue: Glue;
  readonly threads: number;
  /** The vendor's `ERROR:` lines since the last call. */
  takeErrors(): string[];
  end(): void;
}

// Written out in full, because that is what bundlers look for.
const GLUE = {
  // biome-ignore lint/correctness/useImportExtensions: it takes the declarations for the file
  single: () => import('../vendor/tflite-simd.mjs'),
  // biome-ignore lint/correctness/useImportExtensions: it takes the declarations for the file
  threaded: () => import('../vendor/tflite-simd-threaded.mjs'),
};

async function startInstance(
  compiled: WebAssembly.Module,
  platform: Platform,
  threads: number,
): Promise<Instance> {
  const lines: string[] = [];
  const workers: Thread[] = [];
  const end = () => {
    for (const worker of workers) worker.terminate();
  };
  const { default: createModule } = await (threads > 1 ? GLUE.threaded() : GLUE.single());
  const start = new Promise((resolve, reject) => {
    const settings = {
      print: (line: string) => lines.push(line),
      printErr: (line: string) => lines.push(line),
      instantiateWasm(imports: WebAssembly.Imports, receive: (...made: unknown[]) => void) {
        void WebAssembly.instantiate(compiled, imports)
          .then((instance) => receive(instance, compiled))
          .catch(reject);
        return {}; // means: later
      },
      pthreadPoolSize: threads - 1, // the thread that calls is one too
      createThread() {
        const worker = platform.createThread();
        workers.push(worker);
        return worker;
      },
      // the glue would wait for ever; a script that does not come has no message
      onThreadError: ({ message }: { readonly message?: string }) =>
        reject(message ?? 'their script does not load'),
    };
    createModule(settings).then(resolve, reject);
  });
  try {
    // biome-ignore lint/plugin: what the glue's bindings are
    const glue = (await start) as Glue;
    return { glue, threads, takeErrors: () => errorsOf(lines.splice(0)), end };
  } catch (cause) {
    end();
    const said = messageOf(cause);
    if (threads > 1) throw await platform.explainThreads(said);
    throw new SegmentError('runtime', `TensorFlow Lite does not start: ${said}`, { cause });
  }
}

function openModel(instance: Instance, bytes: Uint8Array): TfliteModel {
  const runner = createRunner(instance, bytes);
  const lists = [runner.GetInputs(), runner.GetOutputs()] as const;
  const [inputs, outputs] = [items(lists[0]), items(lists[1])];
  const handles: readonly Handle[] = [...inputs, ...outputs, ...lists, runner];
  let broken: SegmentError | null = null;

  function infer(): void {
    if (broken !== null) throw broken;
    let done = false;
    try {
      done = runner.Infer();
    } catch (cause) {
      broken = failure(instance, messageOf(cause), cause); // it stopped midway: its memory may be in any state
      throw broken;
    }
    if (!done) throw failure(instance, 'it gives no reason');
  }

  return {
    inputs: inputs.map(describe),
    outputs: outputs.map(describe),
    run(input, output) {
      const [info] = inputs;
      const result = outputs.find(({ name }) => name === output);
      if (info === undefined || result === undefined) throw failure(instance, `it has no output "${output}"`);
      bytesOf(info.data()).set(bytesOf(input));
      infer();
      return { shape: describe(result).shape, data: result.data() };
    },
    release() {
      if (broken === null) for (const handle of handles) handle.delete();
      instance.end();
    },
  };
}

function createRunner(instance: Instance, bytes: Uint8Array): Runner {
  const { glue, threads } = instance;
  // stays there as long as the model is open: the vendor reads weights out of it at each run
  const pointer = glue._malloc(bytes.length);
  if (pointer === 0) throw failure(instance, `no memory for ${bytes.length} bytes`);
  glue.HEAPU8.set(bytes, pointer);
  const options = { numThreads: threads, enableProfiling: false, maxProfilingBufferEntries: 1 };
  const made = glue.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, bytes.length, options);
  try {
    if (!made.ok()) throw refusal(instance.takeErrors(), made.errorMessage(), bytes);
    instance.takeErrors();
    return made.value();
  } finally {
    made.delete();
  }
}

function items(list: TensorInfos): TensorInfo[] {
  return Array.from({ length: list.size() }, (_, i) => list.get(i));
}

function describe({ name, dataType, shape }: TensorInfo): FileValue & { readonly shape: readonly number[] } {
  return { name, dtype: dataType, shape: shape === '' ? [] : shape.split(',').map(Number) };
}

/** The same memory as bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function errorsOf(lines: readonly string[]): string[] {
  const errors = lines.filter((line) => line.startsWith('ERROR: ')).map((line) => line.slice(7));
  return [...new Set(errors)];
}

function failure(instance: Instance, said: string, cause?: unknown): SegmentError {
  const reason = instance.takeErrors().join(' ') || said;
  return new SegmentError('runtime', `TensorFlow Lite failed to run this model: ${reason}`, { cause });
}

function refusal(errors: readonly string[], said: string, bytes: Uint8Array): SegmentError {
  if (errors.length === 0) {
    return new SegmentError('invalid-input', 'this file is not a TFLite model, or it is cut short', {
      expected: 'the bytes of a .tflite file',
      received: `${bytes.length} bytes that do not parse as one (${said})`,
    });
  }
  // the vendor stops at the first; its verifier has passed the file, so that it can be read
  const custom = errors.some((line) => line.includes('unresolved custom op')) ? customOperators(bytes) : [];
  if (custom.length > 0) {
    return new SegmentError('unsupported', 'TensorFlow Lite lacks operators that this model needs', {
      expected: 'built-in operators only',
      received: `the custom operators ${custom.join(', ')}`,
    });
  }
  return new SegmentError('unsupported', `TensorFlow Lite does not open this model: ${errors.join(' ')}`);
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return `${error.message}`;
  return `${error}`;
}
