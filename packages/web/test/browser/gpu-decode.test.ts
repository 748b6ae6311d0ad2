import { type DecodeRequest, type OutputRecipe, type Placement, placeImage } from '@seg/core';
import { agreement, largestDifference } from '@seg/testkit';
import { afterAll, expect, test } from 'vitest';
import { sharedOrSkip } from '../../../../tests/browser/shared.ts';
import { createGpuStages, leaseDevice } from '../../src/gpu.ts';
import {
  bytesAt,
  decodeBoth,
  distinct,
  floatsAt,
  labelsNamed,
  type Model,
  modelOf,
  randomFloats,
  uploadTensor,
  whole,
} from './gpu-helpers.ts';

const lease = await leaseDevice();
afterAll(() => lease.release());

/** Two channels may come closer than float32 tells apart; the CPU computes in float64. */
const LEAST_AGREEMENT = 0.9999;
/** What the CPU's own short cut may be off by. */
const SCORE_TOLERANCE = 5e-4;

type Raw = Float32Array | Int32Array;

async function decode(model: Model, raw: Raw, placement: Placement, request: DecodeRequest) {
  const stages = await createGpuStages({ device: lease.device, model });
  const both = await decodeBoth(stages, lease.device, model, raw, placement, request);
  stages.dispose();
  expect(both.ours.length).toBe(both.cpu.length);
  return both;
}

const NAMES = ['background', 'a', 'b', 'c', 'd', 'e'];
const SIX = { channels: [0, 1, 2, 3, 4, 5] };
const GRID = { size: { width: 13, height: 9 } };
const OUTPUTS: Record<string, Partial<OutputRecipe>> = {
  'logits, chw, half-pixel': { ...GRID, ...SIX, layout: 'chw', align: 'half-pixel' },
  'logits, hwc, corners': { ...GRID, ...SIX, layout: 'hwc', align: 'corners' },
  'probabilities, hwc': { ...GRID, ...SIX, layout: 'hwc', values: 'probabilities' },
  'independent logits, labels turned round': {
    ...GRID,
    channels: [5, 3, 1],
    classes: 'independent',
    threshold: 0.6,
    layout: 'chw',
  },
  'independent probabilities, one channel': {
    ...GRID,
    channels: [2],
    classes: 'independent',
    values: 'probabilities',
    layout: 'hwc',
    align: 'corners',
  },
  'resized by the file': {
    size: { width: 25, height: 17 },
    resizedFrom: { width: 13, height: 9 },
    ...SIX,
    layout: 'hwc',
    align: 'corners',
  },
  'a grid of one column': { size: { width: 1, height: 5 }, ...SIX, layout: 'chw' },
  'int32, dequantised': { ...GRID, ...SIX, dtype: 'int32', quantization: { scale: 0.037, zeroPoint: 11 } },
};

const PLACEMENTS: readonly Placement[] = [
  placeImage({ width: 61, height: 47 }, { width: 32, height: 32 }, 'stretch'),
  placeImage({ width: 61, height: 30 }, { width: 32, height: 32 }, 'contain'),
  placeImage({ width: 40, height: 97 }, { width: 32, height: 24 }, 'cover'),
];

const OUTPUT_SIZES = [null, { width: 200, height: 133 }, { width: 7, height: 5 }, { width: 1, height: 1 }];

for (const [name, output] of Object.entries(OUTPUTS)) {
  const model = modelOf({ size: { width: 32, height: 32 } }, output, labelsNamed(NAMES));
  const { size, channels, dtype, values } = model.variant.output;
  const floats = randomFloats(size.width * size.height * channels.length, 5, values === 'logits' ? 12 : 2);
  const raw =
    dtype === 'int32'
      ? Int32Array.from(floats, (value) => value * 30)
      : floats.map((value) => (values === 'logits' ? value : Math.abs(value) / 2));

  test(`classes of random ${name}`, async () => {
    let least = 1;
    for (const placement of PLACEMENTS) {
      for (const wanted of OUTPUT_SIZES) {
        const request = { as: 'classes', size: wanted ?? placement.source } as const;
        const { ours, cpu } = await decode(model, raw, placement, request);
        least = Math.min(least, agreement(ours, cpu));
      }
    }
    console.log(`${name}: at least ${(least * 100).toFixed(3)} % of the pixels agree`);
    expect(least).toBeGreaterThanOrEqual(LEAST_AGREEMENT);
  });

  test(`scores of random ${name}`, async () => {
    let worst = 0;
    const select = [[1], [1, 2, 5], [0], [0, 3], [], [0, 1, 2, 3, 4, 5]];
    for (const placement of PLACEMENTS) {
      for (const wanted of OUTPUT_SIZES) {
        const request = { as: 'scores', select, size: wanted ?? placement.source } as const;
        const { ours, cpu } = await decode(model, raw, placement, request);
        worst = Math.max(worst, largestDifference(ours, cpu));
      }
    }
    console.log(`${name}: scores at most ${worst.toExponential(1)} apart`);
    expect(worst).toBeLessThanOrEqual(SCORE_TOLERANCE);
  });
}

test('classes are not all the same class', async () => {
  const model = modelOf(
    { size: { width: 32, height: 32 } },
    OUTPUTS['logits, chw, half-pixel'],
    labelsNamed(NAMES),
  );
  const raw = randomFloats(13 * 9 * 6, 5, 12);
  const { ours } = await decode(model, raw, whole(32, 32), {
    as: 'classes',
    size: { width: 99, height: 98 },
  });
  expect(distinct(ours)).toBe(6);
});

test('class indexes, int32 and float32: the nearest sample; no scores of them', async () => {
  for (const dtype of ['int32', 'float32'] as const) {
    const model = modelOf({}, { ...GRID, dtype, values: 'class-index', channels: [] }, labelsNamed(NAMES));
    const indexes = randomFloats(13 * 9, 8, 1).map((value) => Math.floor((value + 0.5) * 6));
    const raw = dtype === 'int32' ? Int32Array.from(indexes) : indexes;
    for (const placement of PLACEMENTS) {
      const { ours, cpu } = await decode(model, raw, placement, {
        as: 'classes',
        size: { width: 77, height: 53 },
      });
      expect(ours).toEqual(cpu);
      expect(distinct(ours)).toBeGreaterThan(3);
    }
  }
});

test('no selection gives no plane', async () => {
  const model = modelOf({}, { ...GRID, ...SIX }, labelsNamed(NAMES));
  const request = { as: 'scores', select: [], size: { width: 6, height: 5 } } as const;
  const { ours, cpu } = await decode(model, randomFloats(13 * 9 * 6, 6, 9), whole(16, 16), request);
  expect([ours.length, cpu.length]).toEqual([0, 0]);
});

test('an index without a label fails when the class map is read', async () => {
  for (const wrong of [6, -1]) {
    const model = modelOf(
      {},
      { ...GRID, dtype: 'int32', values: 'class-index', channels: [] },
      labelsNamed(NAMES),
    );
    const stages = await createGpuStages({ device: lease.device, model });
    const input = uploadTensor(lease.device, 'int32', [1, 9, 13], new Int32Array(117).fill(wrong));
    const classes = await stages.decode(input, whole(16, 16), {
      as: 'classes',
      size: { width: 5, height: 5 },
    });
    await expect(classes.read()).rejects.toMatchObject({ code: 'invalid-card' });
    stages.dispose();
  }
});

test('extreme logits overflow nowhere', async () => {
  for (const classes of ['exclusive', 'independent'] as const) {
    const model = modelOf({}, { ...GRID, ...SIX, classes, layout: 'chw' }, labelsNamed(NAMES));
    const raw = randomFloats(13 * 9 * 6, 6, 4000);
    const request = { as: 'scores', select: [[1], [2, 3], [0]], size: { width: 60, height: 50 } } as const;
    const { ours, cpu } = await decode(model, raw, whole(16, 16), request);
    expect(largestDifference(ours, cpu)).toBeLessThanOrEqual(SCORE_TOLERANCE);
  }
});

const VOC = Array.from({ length: 21 }, (_, index) => index);
const VOC_LABELS = labelsNamed(VOC.map((index) => (index === 0 ? 'background' : `class ${index}`)));

test('real logits of DeepLabV3 257: the golden class map', async ({ skip }) => {
  const folder = 'golden/deeplabv3_257';
  const [logits = '', labels = ''] = await sharedOrSkip(
    [`${folder}/logits_1x33x33x21_nhwc.f32`, `${folder}/labels_257x257.u8`],
    skip,
  );
  const output = { size: { width: 33, height: 33 }, layout: 'hwc', channels: VOC, align: 'corners' } as const;
  const model = modelOf({ size: { width: 257, height: 257 } }, output, VOC_LABELS);
  const [raw, golden] = [await floatsAt(logits), await bytesAt(labels)];
  const placement = whole(257, 257);
  const { ours } = await decode(model, raw, placement, { as: 'classes', size: { width: 257, height: 257 } });
  const wrong = golden.filter((label, at) => label !== ours[at]).length;
  console.log(`257 golden: ${golden.length - wrong} of ${golden.length} pixels`);
  expect(golden.length).toBe(66_049);
  expect(wrong).toBe(0);
  for (const size of [
    { width: 640, height: 480 },
    { width: 1281, height: 719 },
  ]) {
    const { ours, cpu } = await decode(model, raw, placement, { as: 'classes', size });
    const differ = cpu.filter((label: unknown, at: number) => label !== ours[at]).length;
    console.log(`257 at ${size.width} x ${size.height}: ${differ} of ${cpu.length} pixels differ`);
    expect(differ / cpu.length).toBeLessThanOrEqual(1 - LEAST_AGREEMENT);
    const scores = await decode(model, raw, placement, { as: 'scores', size, select: [VOC.slice(1), [15]] });
    console.log(`scores at most ${largestDifference(scores.ours, scores.cpu).toExponential(1)} apart`);
    expect(largestDifference(scores.ours, scores.cpu)).toBeLessThanOrEqual(SCORE_TOLERANCE);
  }
});

test('real logits of DeepLabV3 513', async ({ skip }) => {
  const [logits = ''] = await sharedOrSkip(['golden/deeplabv3_513/logits_1x21x65x65_nchw.f32'], skip);
  const output = { size: { width: 65, height: 65 }, layout: 'chw', channels: VOC, align: 'corners' } as const;
  const model = modelOf({ size: { width: 513, height: 513 } }, output, VOC_LABELS);
  const raw = await floatsAt(logits);
  const placement = placeImage({ width: 800, height: 533 }, { width: 513, height: 513 }, 'contain');
  for (const size of [placement.source, { width: 1920, height: 1279 }]) {
    const { ours, cpu } = await decode(model, raw, placement, { as: 'classes', size });
    const differ = cpu.filter((label: unknown, at: number) => label !== ours[at]).length;
    console.log(`513 at ${size.width} x ${size.height}: ${differ} of ${cpu.length} pixels differ`);
    expect(differ / cpu.length).toBeLessThanOrEqual(1 - LEAST_AGREEMENT);
    expect(distinct(ours)).toBeGreaterThan(1);
  }
});
