import { SegmentError } from '@seg/core';
import { type AdapterAssets, requireSameVersion } from '@seg/web';

const VENDOR = '@tensorflow/tfjs-backend-wasm';

/** A page takes the first, or, with threads, the second. */
const WASM_FILES = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];

/** For `seg assets copy`. */
export const assets: AdapterAssets = {
  name: 'tfjs-webgpu',
  factory: 'tfjsWebgpu',
  format: 'tfjs',
  provides: [],
  async files({ accelerator = 'webgpu', read }) {
    if (!['webgpu', 'wasm', 'cpu'].includes(accelerator)) {
      throw new SegmentError('unsupported', 'tfjs-webgpu has no such accelerator', {
        expected: 'webgpu, wasm or cpu',
        received: accelerator,
      });
    }
    const worker = { name: 'tfjs-webgpu.worker.js', bytes: await read('@seg/tfjs-webgpu/dist/worker.js') };
    if (accelerator !== 'wasm') return [worker];
    requireSameVersion(VENDOR, worker.bytes, await read(`${VENDOR}/package.json`));
    const files = WASM_FILES.map(async (name) => ({ name, bytes: await read(`${VENDOR}/dist/${name}`) }));
    return [worker, ...(await Promise.all(files))];
  },
};
