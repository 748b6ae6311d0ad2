// One page, one picture, every runtime: the classes must be those of the reference. Without the network's files: skipped.
import { expect, test } from 'vitest';
import deeplabv3257 from '../../models/dist/deeplabv3-257.js';
import { createSegmenter, type PixelImage, readClassMap } from '../../packages/core/dist/index.js';
import { RUNTIMES } from './runtimes.ts';
import { sharedOrSkip } from './shared.ts';

for (const [name, create] of Object.entries(RUNTIMES)) {
  test(`DeepLabV3 257 on ${name}: 0 of 66,049 pixels differ`, { timeout: 180_000 }, async ({ skip }) => {
    const [input = '', labels = ''] = await sharedOrSkip(
      [
        'golden/deeplabv3_257/input_257x257x3_rgb.u8',
        'golden/deeplabv3_257/labels_257x257.u8',
        'models/deeplabv3_257_mv_gpu.onnx',
      ],
      skip,
    );
    const image: PixelImage = { format: 'rgb8', width: 257, height: 257, data: await bytesOf(input) };
    const expected = await bytesOf(labels);
    const segmenter = await createSegmenter({ model: deeplabv3257, runtime: create() });
    const segmentation = await segmenter.segment(image);
    const { data } = await readClassMap(segmentation);
    segmentation.dispose();
    await segmenter.dispose();
    expect(expected.length).toBe(66_049);
    expect(expected.filter((label, at) => label !== data[at]).length).toBe(0);
  });
}

async function bytesOf(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}
