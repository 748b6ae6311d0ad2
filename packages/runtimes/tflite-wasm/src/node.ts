// What Node gets in place of index.ts, by the `node` condition of package.json.
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type Runtime, SegmentError } from '@seg/core';
import { defaultSource } from '@seg/node/cache';
import { type BrowserImage, requireInline } from '@seg/web';
import type { TfliteWasmOptions } from './options.ts';
import { createTfliteWasm, type Place } from './runtime.ts';
import { THREAD_NAME, type Thread } from './vendor.ts';

/** As in index.ts; models come from the cache of `@seg/node`. */
export function tfliteWasm(options: TfliteWasmOptions = {}): Runtime<BrowserImage> {
  requireInline(options.mode);
  return createTfliteWasm(options, { ...NODE, source: options.source ?? defaultSource() });
}

export default tfliteWasm;

const NODE: Omit<Place, 'source'> = {
  async loadWasm(file) {
    const url = new URL(`../vendor/${file}`, import.meta.url);
    return await readFile(url).catch((cause: unknown) => {
      throw new SegmentError('io', `${url.pathname} cannot be read`, { cause });
    });
  },
  createThread,
  async explainThreads(said) {
    return new SegmentError('runtime', `TensorFlow Lite does not start with threads: ${said}`);
  },
};

/** Node's worker with a browser's manners. It keeps the process alive only until its first word, that it is there. */
function createThread(): Thread {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'; // a script that came by `require` has `.cjs`
  const worker = new Worker(new URL(`./node-thread${extension}`, import.meta.url), {
    execArgv: [], // `node --input-type` is not for files
    workerData: {
      name: THREAD_NAME,
      script: new URL('../vendor/tflite-simd-threaded.mjs', import.meta.url).href,
    },
  });
  const thread = {
    onmessage: (_event: { readonly data: unknown }) => {},
    onerror: (_error: Error) => {},
    postMessage: (message: unknown) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
  worker.on('message', (data: unknown) => {
    worker.unref();
    thread.onmessage({ data });
  });
  worker.on('error', (error: Error) => thread.onerror(error));
  return thread;
}
