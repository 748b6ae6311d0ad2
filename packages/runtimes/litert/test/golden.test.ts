import { readFileSync } from 'node:fs';
import {
  chooseRuntime,
  createSegmenter,
  type ModelCard,
  type PixelImage,
  type Runtime,
  readClassMap,
} from '@seg/core';
import deeplabv3257 from '@seg/models/deeplabv3-257';
import { readPhoto } from '@seg/node';
import { createModelCache } from '@seg/node/cache';
import { onnxNode } from '@seg/onnx-node';
import { agreement } from '@seg/testkit';
import { expect, it } from 'vitest';
import { litert } from '../src/node.ts';
import { shared, sharedOrSkip } from './helpers.ts';

const source = createModelCache({ mirror: shared('models') ?? '', offline: true });
const MODEL = 'models/deeplabv3_257_mv_gpu.tflite';
const REFERENCE = 'models/deeplabv3_257_mv_gpu.onnx';
const PHOTOS = [
  ...['astronaut.png', 'boy.jpg', 'chelsea.png'].map((name) => `photos/${name}`),
  ...[213, 474, 662, 731, 1028, 1249, 2495].map(
    (number) => `eval/voc/JPEGImages/2008_${`${number}`.padStart(6, '0')}.jpg`,
  ),
];

async function classesOf(
  model: ModelCard,
  runtime: Runtime,
  images: readonly PixelImage[],
): Promise<Uint8Array[]> {
  const segmenter = await createSegmenter({ model, runtime });
  const classes: Uint8Array[] = [];
  for (const image of images) {
    const segmentation = await segmenter.segment(image);
    classes.push((await readClassMap(segmentation)).data);
    segmentation.dispose();
  }
  await segmenter.dispose();
  return classes;
}

it('DeepLabV3 257: 0 of 66,049 pixels differ from the golden class map', { timeout: 60_000 }, async ({
  skip,
}) => {
  const golden = ['golden/deeplabv3_257/input_257x257x3_rgb.u8', 'golden/deeplabv3_257/labels_257x257.u8'];
  const [, input = '', labels = ''] = sharedOrSkip([MODEL, ...golden], skip);
  const data = Uint8Array.from(readFileSync(input));
  const image: PixelImage = { format: 'rgb8', width: 257, height: 257, data };
  const [classes] = await classesOf(deeplabv3257, litert({ source }), [image]);
  const expected = readFileSync(labels);
  expect(expected.length).toBe(66_049);
  expect(expected.filter((label, at) => label !== classes?.[at]).length).toBe(0);
});

it('ten photos get the classes that onnx-node gives them', { timeout: 240_000 }, async ({ skip }) => {
  const [, , ...paths] = sharedOrSkip([MODEL, REFERENCE, ...PHOTOS], skip);
  const images = await Promise.all(paths.map(async (path) => (await readPhoto(path)).image));
  const ours = await classesOf(deeplabv3257, litert({ source }), images);
  const reference = await classesOf(deeplabv3257, onnxNode({ threads: 1, mode: 'inline', source }), images);
  for (const [i, name] of PHOTOS.entries()) {
    const [a = new Uint8Array(), b = new Uint8Array()] = [ours[i], reference[i]];
    const share = agreement(a, b);
    process.stderr.write(`${name}: ${(share * 100).toFixed(3)} % of ${a.length} pixels agree\n`);
    expect(share).toBeGreaterThanOrEqual(0.999);
    expect(new Set(b).size).toBeGreaterThan(1);
  }
});

it('DeepLabV3 257 passes its self-test', { timeout: 120_000 }, async ({ skip }) => {
  sharedOrSkip([MODEL], skip);
  const runtime = litert({ source });
  expect(await chooseRuntime({ model: deeplabv3257, candidates: [runtime] })).toEqual({
    runtime,
    rejected: [],
  });
});
