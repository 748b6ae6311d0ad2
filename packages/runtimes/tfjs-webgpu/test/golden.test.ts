import { readFileSync } from 'node:fs';
import { createSegmenter, type PixelImage, type Runtime, readClassMap } from '@seg/core';
import deeplabv3257 from '@seg/models/deeplabv3-257';
import { readPhoto } from '@seg/node';
import { createModelCache } from '@seg/node/cache';
import { onnxNode } from '@seg/onnx-node';
import { agreement } from '@seg/testkit';
import { expect, it } from 'vitest';
import { tfjsWebgpu } from '../src/node.ts';
import { shared, sharedOrSkip } from './helpers.ts';

const source = createModelCache({ mirror: shared('models') ?? '', offline: true });
const OURS = ['models/tfjs_deeplabv3_257/model.json', 'models/tfjs_deeplabv3_257/weights.bin'];
const REFERENCE = 'models/deeplabv3_257_mv_gpu.onnx';
const GOLDEN = ['golden/deeplabv3_257/input_257x257x3_rgb.u8', 'golden/deeplabv3_257/labels_257x257.u8'];

async function classesOf(runtime: Runtime<PixelImage>, images: readonly PixelImage[]): Promise<Uint8Array[]> {
  const segmenter = await createSegmenter({ model: deeplabv3257, runtime });
  const classes: Uint8Array[] = [];
  for (const image of images) {
    const segmentation = await segmenter.segment(image);
    classes.push((await readClassMap(segmentation)).data);
    segmentation.dispose();
  }
  await segmenter.dispose();
  return classes;
}

for (const accelerator of ['wasm', 'cpu'] as const) {
  it(`DeepLabV3 257 on ${accelerator}: 0 of 66,049 pixels differ from the golden class map`, {
    timeout: 120_000,
  }, async ({ skip }) => {
    const [, , input = '', labels = ''] = sharedOrSkip([...OURS, ...GOLDEN], skip);
    const data = Uint8Array.from(readFileSync(input));
    const image: PixelImage = { format: 'rgb8', width: 257, height: 257, data };
    const [classes] = await classesOf(tfjsWebgpu({ accelerator, source }), [image]);
    const expected = readFileSync(labels);
    expect(expected.length).toBe(66_049);
    expect(expected.filter((label, at) => label !== classes?.[at]).length).toBe(0);
  });
}

const PHOTOS = [
  ...['astronaut.png', 'boy.jpg', 'chelsea.png'].map((name) => `photos/${name}`),
  ...[
    '2008_000213',
    '2008_000474',
    '2008_000662',
    '2008_000731',
    '2008_001028',
    '2008_001249',
    '2008_001504',
  ].map((name) => `eval/voc/JPEGImages/${name}.jpg`),
];

it('ten photos get the classes that onnx-node gives them', { timeout: 240_000 }, async ({ skip }) => {
  const paths = sharedOrSkip([...PHOTOS, ...OURS, REFERENCE], skip).slice(0, PHOTOS.length);
  const images = await Promise.all(paths.map(async (path) => (await readPhoto(path)).image));
  const ours = await classesOf(tfjsWebgpu({ accelerator: 'wasm', source }), images);
  const reference = await classesOf(onnxNode({ threads: 1, mode: 'inline', source }), images);
  for (const [i, name] of PHOTOS.entries()) {
    const [a = new Uint8Array(), b = new Uint8Array()] = [ours[i], reference[i]];
    const share = agreement(a, b);
    process.stderr.write(`${name}: ${(share * 100).toFixed(3)} % of ${a.length} pixels agree\n`);
    expect(share).toBeGreaterThanOrEqual(0.999);
    expect(new Set(b).size).toBeGreaterThan(1);
  }
});
