import { isSegmentError, type ModelSource, SegmentError } from '@seg/core';
import { loadAsset } from '@seg/web';
import type { Place } from './runtime.ts';
import { THREAD_NAME } from './vendor.ts';

const THREAD_FILE = 'tflite-simd-threaded.mjs';

/**
 * A page or a worker. `folder` is the absolute address, with a slash at its end, of what stands in this package's
 * vendor/; undefined: where bundlers put it, or beside this package's dist/.
 */
export function createBrowserPlace(folder: string | undefined, source: ModelSource): Place {
  return {
    source,
    loadWasm: (file) => loadAsset(folder === undefined ? bundled(file) : `${folder}${file}`, 'wasm'),
    createThread: () => (folder === undefined ? bundledThread() : threadAt(`${folder}${THREAD_FILE}`)),
    async explainThreads(said) {
      // a browser does not say why a worker's script did not come
      const file = folder === undefined ? null : loadAsset(`${folder}${THREAD_FILE}`, 'script');
      const wrong: unknown = await file?.then(
        () => null,
        (error: unknown) => error,
      );
      if (isSegmentError(wrong)) return wrong;
      return new SegmentError('runtime', `TensorFlow Lite does not start with threads: ${said}`, {
        ...(folder !== undefined && { received: `${folder}${THREAD_FILE}` }),
        hint: `Look at the page's Content-Security-Policy (worker-src) and whether ${THREAD_FILE} is served with Cross-Origin-Embedder-Policy; or ask for threads: 1`,
      });
    },
  };
}

// Written out in full, because that is what bundlers look for.

function bundled(file: 'tflite-simd.wasm' | 'tflite-simd-threaded.wasm'): string {
  if (file === 'tflite-simd.wasm') return new URL('../vendor/tflite-simd.wasm', import.meta.url).href;
  return new URL('../vendor/tflite-simd-threaded.wasm', import.meta.url).href;
}

function bundledThread(): Worker {
  return new Worker(new URL('../vendor/tflite-simd-threaded.mjs', import.meta.url), {
    type: 'module',
    name: 'seg-tflite-thread',
  });
}

function threadAt(url: string): Worker {
  return new Worker(url, { type: 'module', name: THREAD_NAME });
}
