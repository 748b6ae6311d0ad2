import { SegmentError } from '@seg/core';
import { type AdapterAssets, requireSameVersion } from '@seg/web';
import { VENDOR_FILES } from './vendor.ts';

/** For `seg assets copy`. */
export const assets: AdapterAssets = {
  name: 'onnx-web',
  factory: 'onnxWeb',
  format: 'onnx',
  provides: [],
  async files({ accelerator = 'wasm', read }) {
    const vendor = new Map(Object.entries(VENDOR_FILES)).get(accelerator);
    if (vendor === undefined) {
      throw new SegmentError('unsupported', 'onnx-web has no such accelerator', {
        expected: Object.keys(VENDOR_FILES).join(' or '),
        received: accelerator,
      });
    }
    const worker = await read('@seg/onnx-web/dist/worker.js');
    requireSameVersion('onnxruntime-web', worker, await read('onnxruntime-web/package.json'));
    const files = vendor.map(async (name) => ({ name, bytes: await read(`onnxruntime-web/dist/${name}`) }));
    return [{ name: 'onnx-web.worker.js', bytes: worker }, ...(await Promise.all(files))];
  },
};
