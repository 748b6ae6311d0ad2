import type { InputRecipe, Orientation, PixelImage } from '@seg/core';
import { agreement, largestDifference } from '@seg/testkit';
import { afterAll, expect, test } from 'vitest';
import { sharedOrSkip } from '../../../../tests/browser/shared.ts';
import { createGpuStages, leaseDevice } from '../../src/gpu.ts';
import { type BrowserImage, readImage } from '../../src/images.ts';
import { distinct, modelOf, noise, prepareBoth } from './gpu-helpers.ts';

const lease = await leaseDevice();
afterAll(() => lease.release());

/** Of the range that normalised values have: what the two may differ by. Measured: at most 3e-7. */
const TOLERANCE = 1e-5;

const IMAGENET = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] } as const;

async function compare(input: Partial<InputRecipe>, image: BrowserImage, pixels?: PixelImage) {
  const model = modelOf(input);
  const stages = await createGpuStages({ device: lease.device, model });
  const reference = pixels ?? (await readImage(image));
  const both = await prepareBoth(stages, model, image, reference);
  stages.dispose();
  expect(both.placements[0]).toEqual(both.placements[1]);
  expect(both.ours.length).toBe(both.cpu.length);
  return both;
}

const range = ({ std = [127.5, 127.5, 127.5] }: Partial<InputRecipe>) => 255 / Math.min(...std);

const RECIPES: Record<string, Partial<InputRecipe>> = {
  'chw rgb': { size: { width: 33, height: 20 }, layout: 'chw' },
  'hwc bgr': { size: { width: 33, height: 20 }, layout: 'hwc', order: 'bgr', ...IMAGENET },
  contain: { size: { width: 40, height: 40 }, fit: 'contain', ...IMAGENET },
  cover: { size: { width: 40, height: 24 }, fit: 'cover', layout: 'hwc' },
};

const SIZES: readonly (readonly [number, number, string])[] = [
  [100, 91, 'both axes shrink'],
  [17, 13, 'both axes grow'],
  [100, 13, 'one shrinks, one grows'],
  [13, 101, 'one grows, one shrinks'],
  [33, 20, 'equal, for some'],
  [33, 50, 'one equal, one shrinks'],
  [1, 1, 'one pixel'],
  [1, 300, 'a line'],
];

for (const [name, recipe] of Object.entries(RECIPES)) {
  test(`float32 ${name}: pixels of any size, as the CPU`, async () => {
    let worst = 0;
    for (const [index, [width, height]] of SIZES.entries()) {
      for (const format of ['rgb8', 'rgba8'] as const) {
        const image = noise(width, height, index, format);
        const { ours, cpu } = await compare(recipe, image, image);
        worst = Math.max(worst, largestDifference(ours, cpu) / range(recipe));
        expect(distinct(ours)).toBeGreaterThan(2);
      }
    }
    console.log(`${name}: at most ${worst.toExponential(1)} of the range apart`);
    expect(worst).toBeLessThan(TOLERANCE);
  });
}

test('what needs no resampling is equal to the bit, float32 and integers', async () => {
  const image = noise(33, 20, 7);
  const size = { width: 33, height: 20 };
  const dtypes: Partial<InputRecipe>[] = [
    { dtype: 'float32', ...IMAGENET },
    { dtype: 'uint8', quantization: { scale: 0.0078125, zeroPoint: 128 } },
    { dtype: 'int8', quantization: { scale: 0.017, zeroPoint: -3 }, ...IMAGENET },
    { dtype: 'uint8', mean: [0, 0, 0], std: [1, 1, 1] },
  ];
  for (const recipe of dtypes) {
    for (const layout of ['hwc', 'chw'] as const) {
      const { ours, cpu } = await compare({ ...recipe, size, layout }, image, image);
      expect(ours).toEqual(cpu);
    }
  }
});

test('integers: areas equal; bilinear within one step, where float32 and float64 part at a half', async () => {
  const recipe = { size: { width: 31, height: 21 }, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const cases = [
    [62, 42, 1],
    [93, 84, 1],
    [40, 15, 0.99],
    [10, 9, 0.99],
  ] as const;
  for (const dtype of ['uint8', 'int8'] as const) {
    const quantization = { scale: 1, zeroPoint: dtype === 'int8' ? -128 : 0 };
    for (const [width, height, least] of cases) {
      for (const [layout, fit] of [
        ['hwc', 'stretch'],
        ['chw', 'contain'],
      ] as const) {
        const image = noise(width, height, 3);
        const { ours, cpu } = await compare({ ...recipe, dtype, quantization, layout, fit }, image, image);
        expect(largestDifference(ours, cpu)).toBeLessThanOrEqual(1);
        expect(agreement(ours, cpu)).toBeGreaterThanOrEqual(least);
      }
    }
  }
});

test('all eight orientations', async () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] as Orientation[]) {
    for (const [width, height] of [
      [57, 38],
      [20, 33],
      [9, 7],
    ] as const) {
      const image = { ...noise(width, height, orientation), orientation };
      const { ours, cpu } = await compare({ size: { width: 33, height: 20 }, fit: 'contain' }, image, image);
      expect(largestDifference(ours, cpu)).toBeLessThan(TOLERANCE);
    }
  }
});

test('every kind of picture of a page: as its pixels on the CPU', async ({ skip }) => {
  const [url = ''] = await sharedOrSkip(['photos/boy.jpg'], skip);
  const blob = await (await fetch(url)).blob();
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  const offscreen = new OffscreenCanvas(width, height);
  const context = offscreen.getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  const data = context?.getImageData(0, 0, width, height) ?? new ImageData(1, 1);
  const element = Object.assign(new Image(), { src: url });
  const frame = new VideoFrame(offscreen, { timestamp: 0 });
  const kinds = { blob, bitmap, canvas, offscreen, data, element, frame, url: new URL(url, location.href) };
  const pixels = await readImage(blob);
  for (const size of [
    { width: 257, height: 257 },
    { width, height },
  ]) {
    for (const [name, image] of Object.entries(kinds)) {
      const { ours, cpu } = await compare({ size }, image, pixels);
      const worst = largestDifference(ours, cpu);
      console.log(`${name} ${width}x${height} -> ${size.width}x${size.height}: ${worst.toExponential(1)}`);
      expect(worst, name).toBeLessThan(TOLERANCE);
    }
  }
  // nobody closes what was lent
  expect([bitmap.width, frame.displayWidth]).toEqual([width, width]);
  frame.close();
});

test('transparent pictures lie over white', async () => {
  const canvas = new OffscreenCanvas(8, 8);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2D');
  context.fillStyle = 'rgba(200, 40, 0, 0.4)';
  context.fillRect(0, 0, 8, 4);
  const recipe = { size: { width: 8, height: 8 }, mean: [0, 0, 0], std: [255, 255, 255] } as const;
  const { ours, cpu } = await compare(recipe, canvas);
  expect(largestDifference(ours, cpu)).toBeLessThanOrEqual(1 / 255 + 1e-6);
  expect(ours[63]).toBe(1);
});

test('frames of video: as drawn', async () => {
  const [width, height] = [64, 48];
  const data = noise(width, height, 1).data.subarray(0, (width * height * 3) / 2);
  const init = { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 } as const;
  const frame = new VideoFrame(Uint8Array.from(data), init);
  const recipe = { size: { width: 16, height: 16 }, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const { ours, cpu } = await compare(recipe, frame);
  console.log(`I420 frame: ${largestDifference(ours, cpu).toFixed(4)} of 255 apart`);
  expect(largestDifference(ours, cpu)).toBeLessThan(1);
  frame.close();
});
