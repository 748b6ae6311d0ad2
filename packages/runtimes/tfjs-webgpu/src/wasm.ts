// What tfjs's wasm back end needs before it starts: it does not check, and where something is missing it waits for ever
// or says nothing.
import { type AbortOptions, SegmentError } from '@seg/core';
import { loadAsset } from '@seg/web';
import { firstLine, type Vendor } from './vendor.ts';

/** The folder where the back end's `.wasm` files are, or the address of each by its name. */
export type TfjsWasmPaths = string | Readonly<Record<string, string>>;

/** What decides how the back end starts. */
export interface WasmSettings {
  /** One where nobody says. */
  readonly threads: number | undefined;
  readonly wasmPaths: TfjsWasmPaths | undefined;
}

/** Which of its files the back end starts from: without threads, with, and where the engine has no SIMD. */
export const WASM_FILES = [
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
  'tfjs-backend-wasm.wasm',
] as const;

/** @throws SegmentError `unsupported` (no wasm, or a policy against it; more threads than there can be) */
export async function requireWasm(threads = 1): Promise<void> {
  try {
    await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the smallest module
  } catch (cause) {
    throw new SegmentError('unsupported', 'WebAssembly does not run here', {
      received: firstLine(cause),
      hint: "A Content-Security-Policy must allow script-src 'wasm-unsafe-eval'",
      cause,
    });
  }
  if (threads === 1) return;
  const { most, why } = await findThreads();
  if (threads <= most) return;
  throw new SegmentError('unsupported', 'tfjs-wasm cannot compute with so many threads here', {
    expected: most === 1 ? `1: ${why}` : `at most ${most}: ${why}`,
    received: `${threads}`,
  });
}

/** The threads that tfjs can have, and what limits them. */
async function findThreads(): Promise<{ readonly most: number; readonly why: string }> {
  if (globalThis.location === undefined) return { most: 1, why: 'it has one in Node' };
  if (!globalThis.crossOriginIsolated) return { most: 1, why: 'this page is not cross-origin isolated' };
  const half = Math.floor((globalThis.navigator?.hardwareConcurrency ?? 1) / 2);
  const why = 'it takes half of the processor cores';
  if (half > 1 && !(await blobWorkersStart())) {
    return { most: 1, why: 'a Content-Security-Policy forbids its workers (worker-src blob:)' };
  }
  return { most: Math.max(1, half), why };
}

/** Its threads are workers of `blob:` addresses; where a policy forbids them, it would wait for them for ever. */
async function blobWorkersStart(): Promise<boolean> {
  const url = URL.createObjectURL(new Blob(['postMessage(0)'], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url);
    const starts = await new Promise<boolean>((resolve) => {
      worker.onmessage = () => resolve(true);
      worker.onerror = () => resolve(false);
    });
    worker.terminate();
    return starts;
  } catch {
    return false;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Starts the back end, and rejects where a thread of it fails: it tells the page alone, as an error that nobody caught,
 * and waits for ever. What its other threads say in the next second is no news.
 */
export function whileThreadsWork<Backend>(start: () => Backend | Promise<Backend>): Promise<Backend> {
  return new Promise((resolve, reject) => {
    const onError = (event: Event): void => {
      const { filename, message } = Object(Object(event).error);
      if (!String(filename).startsWith('blob:')) return;
      event.preventDefault();
      reject(new Error(`its threads fail: ${message}`));
      setTimeout(stop, 1000);
    };
    const stop = (): void => globalThis.removeEventListener('error', onError);
    globalThis.addEventListener('error', onError);
    Promise.resolve(start()).then(resolve, reject).finally(stop);
  });
}

/**
 * Makes the back end ready to start: threads, and the file to start from, which is fetched and looked at beforehand.
 *
 * @returns the file's address
 * @throws SegmentError `fetch`, which names the address and what came; `invalid-input` (paths without the file)
 */
export async function placeWasm(
  { tf, wasm }: Vendor,
  { threads = 1, wasmPaths }: WasmSettings,
  { signal }: AbortOptions,
): Promise<string> {
  // one thread needs neither shared memory nor workers: the back end would start eight all the same
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
  wasm?.setThreadsCount(threads);
  const hasSimd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const file = WASM_FILES[hasSimd !== true ? 2 : threads > 1 ? 1 : 0];
  if (wasmPaths === undefined && globalThis.location === undefined) return file; // in Node it finds its own
  const address = addressOf(file, wasmPaths ?? './');
  if (/^https?:/.test(address)) await loadAsset(address, 'wasm', { signal });
  wasm?.setWasmPaths(Object.fromEntries(WASM_FILES.map((name) => [name, address])));
  return address;
}

/** Relative addresses are relative to the page, or to the worker's file. */
function addressOf(file: string, paths: TfjsWasmPaths): string {
  const path = typeof paths === 'string' ? `${paths.replace(/\/*$/, '/')}${file}` : paths[file];
  if (path === undefined) {
    throw new SegmentError('invalid-input', 'wasmPaths lacks the file that is needed here', {
      expected: file,
      received: Object.keys(paths).join(', '),
    });
  }
  const page = globalThis.location?.href;
  return page === undefined ? path : new URL(path, page).href;
}
