// MediaPipe's operators, and a batch that is left open: held against other networks on onnx-node, which know neither.
import { createSegmenter, type ModelCard, type PixelImage, type Runtime, readMask } from '@seg/core';
import aiseg513 from '@seg/models/aiseg-513';
import faceUnet256 from '@seg/models/face-unet-256';
import hair from '@seg/models/hair';
import selfie from '@seg/models/selfie';
import selfieLandscape from '@seg/models/selfie-landscape';
import skinClothesHair512 from '@seg/models/skin-clothes-hair-512';
import { readPhoto } from '@seg/node';
import { createModelCache } from '@seg/node/cache';
import { onnxNode } from '@seg/onnx-node';
import { expect, it } from 'vitest';
import { litert } from '../src/node.ts';
import { shared, sharedOrSkip } from './helpers.ts';

const source = createModelCache({ mirror: shared('models') ?? '', offline: true });
const reference = () => onnxNode({ threads: 1, mode: 'inline', source });

/** Where the model sees `select`, in an area of the picture. */
async function where(model: ModelCard, runtime: Runtime, image: PixelImage, select: string, area: Area) {
  const segmenter = await createSegmenter({ model, runtime });
  const { data } = await readMask(await segmenter.segment(image), { select });
  await segmenter.dispose();
  const [left, top, right, bottom] = area;
  return data.filter((_, at) => {
    const [x, y] = [at % image.width, Math.floor(at / image.width)];
    return x >= left && x < right && y >= top && y < bottom;
  });
}

/** Left, top, right, bottom. */
type Area = readonly [number, number, number, number];
const ALL: Area = [0, 0, 10_000, 10_000];

function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  for (const [at, value] of a.entries()) {
    const [here, there] = [value > 127, (b[at] ?? 0) > 127];
    if (here && there) both++;
    if (here || there) either++;
  }
  return both / either;
}

it.for([
  { card: selfie, file: 'selfie_segmentation.tflite', photo: 'astronaut.png', least: 0.93 },
  { card: selfie, file: 'selfie_segmentation.tflite', photo: 'boy.jpg', least: 0.93 },
  { card: selfieLandscape, file: 'selfie_segmentation_landscape.tflite', photo: 'astronaut.png', least: 0.9 },
  { card: selfieLandscape, file: 'selfie_segmentation_landscape.tflite', photo: 'boy.jpg', least: 0.93 },
])(
  '$card.id sees the person in $photo',
  { timeout: 60_000 },
  async ({ card, file, photo, least }, { skip }) => {
    const files = [`models/${file}`, 'models/deeplab_aiseg513_nchw.onnx', `photos/${photo}`];
    const [, , path = ''] = sharedOrSkip(files, skip);
    const { image } = await readPhoto(path);
    const ours = await where(card, litert({ source }), image, 'person', ALL);
    const theirs = await where(aiseg513, reference(), image, 'person', ALL);
    expect(overlap(ours, theirs)).toBeGreaterThan(least);
  },
);

it.for([
  // the other network takes a helmet and a collar for hair, and a neck is no face: the heads are compared
  {
    card: hair,
    file: 'hair_segmentation.tflite',
    other: 'hair',
    photo: 'astronaut.png',
    area: [140, 0, 320, 140],
    least: 0.85,
  },
  {
    card: faceUnet256,
    file: 'face_unet_fp32.tflite',
    other: 'skin',
    photo: 'boy.jpg',
    area: [285, 90, 400, 190],
    least: 0.8,
  },
] as const)(
  '$card.id sees it in $photo',
  { timeout: 60_000 },
  async ({ card, file, other, photo, area, least }, { skip }) => {
    const files = [`models/${file}`, 'models/pan_skin_clothes_hair_512.onnx', `photos/${photo}`];
    const [, , path = ''] = sharedOrSkip(files, skip);
    const { image } = await readPhoto(path);
    const ours = await where(card, litert({ source }), image, card === hair ? 'hair' : 'face', area);
    const theirs = await where(skinClothesHair512, reference(), image, other, area);
    process.stderr.write(`${card.id}: ${overlap(ours, theirs).toFixed(3)}\n`);
    expect(overlap(ours, theirs)).toBeGreaterThan(least);
  },
);
