import { SegmentError } from '@seg/core';
import type { AdapterAssets, AssetFile } from '@seg/web';
import { BUILDS } from './instance.ts';
import { NAME, PROVIDES } from './runtime.ts';
import { wrapGlue } from './wrap-glue.ts';

/** For `seg assets copy`. A visitor loads one of the three builds: by threads, and by what the engine has of SIMD. */
export const assets: AdapterAssets = {
  name: NAME,
  factory: 'litert',
  format: 'tflite',
  provides: PROVIDES,
  async files({ accelerator = 'wasm', read }) {
    if (accelerator !== 'wasm' && accelerator !== 'webgpu') {
      throw new SegmentError('unsupported', 'litert has no such accelerator', {
        expected: 'wasm or webgpu',
        received: accelerator,
      });
    }
    const builds = accelerator === 'wasm' ? Object.values(BUILDS) : [BUILDS.plain, BUILDS.compatible];
    const pairs = builds.map(async (build): Promise<AssetFile[]> => {
      const script = new TextDecoder().decode(await read(`@litertjs/core/wasm/${build}.js`));
      return [
        { name: `${build}.mjs`, bytes: new TextEncoder().encode(wrapGlue(script)) },
        { name: `${build}.wasm`, bytes: await read(`@litertjs/core/wasm/${build}.wasm`) },
      ];
    });
    const worker = { name: 'litert.worker.js', bytes: await read('@seg/litert/dist/worker.js') };
    return [worker, ...(await Promise.all(pairs)).flat()];
  },
};
