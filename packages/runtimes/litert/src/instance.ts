import { SegmentError } from '@seg/core';
import type { GpuDevice } from '@seg/web/gpu';
import type { Environment, Factory, Wasm } from './vendor.ts';

/** The vendor's builds: the names of their files without `.js` and `.wasm`. */
export const BUILDS = {
  plain: 'litert_wasm_internal',
  /** For engines without relaxed SIMD. */
  compatible: 'litert_wasm_compat_internal',
  threaded: 'litert_wasm_threaded_internal',
} as const;
export type Build = keyof typeof BUILDS;

/** How a platform gets a build's files. */
export interface Loader {
  /** Where from: equal ones share what they load. */
  readonly from: string;
  /** Whether its threads can start. */
  readonly hasThreads: boolean;
  /** @throws SegmentError `unsupported` where `load` could not work */
  probe(): Promise<void>;
  /** @throws SegmentError `fetch`, `io`, `unsupported` */
  load(build: Build): Promise<BuildFiles>;
}

export interface BuildFiles {
  readonly factory: Factory;
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** The script's address, for threads to start from. */
  readonly script?: string;
}

/** What a model needs of an instance. */
export interface InstanceOptions {
  readonly build: Build;
  readonly threads: number;
  /** The vendor keeps the first device of an instance, and computes zeros on others: each has instances of its own. */
  readonly device: GpuDevice | null;
}

/** A started wasm module, and a share in it. */
export interface Instance {
  readonly wasm: Wasm;
  readonly environment: Environment;
  /** The errors that the vendor has printed since the last call: often the only sign of them. */
  takeErrors(): string[];
  /**
   * Calls into the wasm. A crash leaves it broken: later calls fail, and the next model that opens gets another.
   *
   * @throws SegmentError `runtime` after a crash; what `work` throws
   */
  use<Result>(work: () => Result): Result;
  /** As `use`, for the end of a life: does nothing in what is broken. */
  end(work: () => void): void;
  /** Another share, which `release` gives back. */
  hold(): () => void;
  /** Gives the share back, and the threads. */
  release(): void;
}

type Module = Omit<BuildFiles, 'wasm'> & { readonly wasm: WebAssembly.Module };

interface Entry {
  readonly key: string;
  readonly device: GpuDevice | null;
  readonly starting: Promise<Omit<Instance, 'hold' | 'release'>>;
  shares: number;
  /** How many its models have taken, beside the one that calls. */
  threads: number;
}

interface Shared {
  /** Compiled once. */
  readonly modules: Map<string, Promise<Module>>;
  readonly entries: Set<Entry>;
}

const SHARED = Symbol.for('@seg/litert/1');

/** What a page, worker or process has, also for two copies of this package. */
function shared(): Shared {
  // biome-ignore lint/plugin: under this symbol stands only what the lines below put there
  const found = Reflect.get(globalThis, SHARED) as Shared | undefined;
  if (found !== undefined) return found;
  const made: Shared = { modules: new Map(), entries: new Set() };
  Reflect.set(globalThis, SHARED, made);
  return made;
}

/** As many threads as each instance of the build that has them starts. */
export function cores(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

/**
 * Starts an instance, or takes one that runs and has the threads left: for more the vendor would wait for ever. Those
 * without a device stay for the next model. What did not start is tried again.
 *
 * @throws SegmentError `fetch`, `io`, `unsupported`
 */
export async function takeInstance(options: InstanceOptions, loader: Loader): Promise<Instance> {
  const { entries } = shared();
  const { build, threads, device } = options;
  const key = `${build} ${loader.from}`;
  const more = threads - 1;
  const fits = (entry: Entry): boolean =>
    entry.key === key && entry.device === device && (more === 0 || entry.threads + more <= cores());
  const entry = [...entries].find(fits) ?? addEntry(key, build, device, loader);
  const hold = (): (() => void) => {
    entry.shares++;
    return () => {
      entry.shares--;
      if (entry.shares > 0 || device === null || !entries.delete(entry)) return;
      void entry.starting.then(({ end, environment }) => end(() => environment.delete()));
    };
  };
  const release = hold();
  entry.threads += more;
  const instance = await entry.starting;
  return {
    ...instance,
    hold,
    release() {
      entry.threads -= more;
      release();
    },
  };
}

function addEntry(key: string, build: Build, device: GpuDevice | null, loader: Loader): Entry {
  const { modules, entries } = shared();
  const loading = modules.get(key) ?? loader.load(build).then(compile);
  modules.set(key, loading);
  loading.catch(() => modules.delete(key));
  const forget = (): void => void entries.delete(entry);
  const starting = loading.then((module) => start(module, device, forget));
  const entry: Entry = { key, device, starting, shares: 0, threads: 0 };
  entries.add(entry);
  starting.catch(forget);
  return entry;
}

async function compile({ wasm, ...files }: BuildFiles): Promise<Module> {
  return { ...files, wasm: await WebAssembly.compile(wasm).catch(explainStarting) };
}

/** We instantiate: the vendor would hide the reason of a failure. */
function startWasm({ factory, wasm, script }: Module, hear: (line: unknown) => void): Promise<Wasm> {
  return new Promise((resolve, reject) => {
    const options = {
      print: hear,
      printErr: hear,
      mainScriptUrlOrBlob: script,
      instantiateWasm(imports: WebAssembly.Imports, done: (...made: unknown[]) => void) {
        WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm), reject);
        return {};
      },
    };
    factory(options).then(resolve, reject);
  });
}

async function start(
  module: Module,
  device: GpuDevice | null,
  forget: () => void,
): Promise<Omit<Instance, 'hold' | 'release'>> {
  const errors: string[] = [];
  const hear = (line: unknown): void => {
    if (!IS_NEWS.test(String(line))) errors.push(String(line));
  };
  const wasm = await startWasm(module, hear).catch(explainStarting);
  wasm.setupLogging();
  const environment = wasm.LiteRtEnvironment.create(device);
  let crash: SegmentError | null = null;
  return {
    wasm,
    environment,
    takeErrors: () => errors.splice(0),
    use(work) {
      if (crash !== null) throw crash;
      try {
        return work();
      } catch (cause) {
        if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
        forget();
        crash = new SegmentError('runtime', `LiteRT has crashed: ${cause.message}`, {
          hint: 'Open the model again',
          cause,
        });
        throw crash;
      }
    },
    end(work) {
      if (crash === null) work();
    },
  };
}

/** What the vendor prints when all is well: `INFO: ...`, `WARNING: ...`, `I1120 17:28:00 ...`, a pointer to its pages. */
const IS_NEWS = /^\s*(INFO|WARNING|VERBOSE|[IW]\d{4} |See instructions:|$)/;

function explainStarting(cause: unknown): never {
  const said = cause instanceof Error ? cause.message : String(cause);
  throw new SegmentError('unsupported', `the wasm of LiteRT does not start here: ${said}`, {
    hint: "Under a Content-Security-Policy, script-src needs 'wasm-unsafe-eval'",
    cause,
  });
}
