import { SegmentError } from '@seg/core';
import type { AdapterAssets } from '@seg/web';
import { about } from './about.ts';

/** A page takes the first, or, with threads, the others. */
const VENDOR_FILES = ['tflite-simd.wasm', 'tflite-simd-threaded.wasm', 'tflite-simd-threaded.mjs'];

/** For `seg assets copy`. */
export const assets: AdapterAssets = {
  ...about,
  factory: 'tfliteWasm',
  async files({ accelerator = 'wasm', read }) {
    if (accelerator !== 'wasm') {
      throw new SegmentError('unsupported', 'tflite-wasm has no such accelerator', {
        expected: 'wasm',
        received: accelerator,
      });
    }
    const worker = await read('@seg/tflite-wasm/dist/worker.js');
    const files = VENDOR_FILES.map(async (name) => ({
      name,
      bytes: await read(`@seg/tflite-wasm/vendor/${name}`),
    }));
    return [{ name: 'tflite-wasm.worker.js', bytes: worker }, ...(await Promise.all(files))];
  },
};
