import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createCpuStages,
  createCpuTensor,
  type DType,
  type Fit,
  type OutputRecipe,
  placeImage,
  type Size,
} from '../src/index.ts';
import { makeModel, random, sharedFolder } from './fixtures.ts';
import { slowClasses, slowScores } from './reference.ts';

const shared = sharedFolder();

interface Case {
  readonly output: Partial<OutputRecipe>;
  readonly source: Size;
  readonly grid: Size;
  readonly fit?: Fit;
  readonly size?: Size;
}

const size = (width: number, height: number): Size => ({ width, height });

const CASES: Record<string, Case> = {
  'half-pixel, upsampled': { output: { size: size(12, 9) }, source: size(101, 67), grid: size(48, 36) },
  'corners, upsampled': {
    output: { size: size(12, 9), align: 'corners' },
    source: size(97, 80),
    grid: size(89, 65),
  },
  hwc: { output: { size: size(7, 5), layout: 'hwc' }, source: size(64, 64), grid: size(28, 20) },
  'at its own size': { output: { size: size(24, 16) }, source: size(24, 16), grid: size(24, 16) },
  'smaller than the grid': { output: { size: size(40, 40) }, source: size(17, 9), grid: size(40, 40) },
  contain: { output: { size: size(16, 16) }, source: size(120, 50), grid: size(64, 64), fit: 'contain' },
  cover: {
    output: { size: size(16, 16), align: 'corners' },
    source: size(120, 50),
    grid: size(61, 61),
    fit: 'cover',
  },
  'one sample': { output: { size: size(1, 1) }, source: size(5, 4), grid: size(8, 8) },
  'one row of samples': { output: { size: size(6, 1) }, source: size(50, 4), grid: size(24, 8) },
  'one pixel': { output: { size: size(9, 9) }, source: size(1, 1), grid: size(36, 36) },
  'at another size': {
    output: { size: size(9, 9) },
    source: size(90, 60),
    grid: size(36, 36),
    size: size(31, 200),
  },
};

const KINDS: Record<string, Partial<OutputRecipe>> = {
  'softmax logits': {},
  'softmax of two': { channels: [0, 2] },
  'sigmoid logits': { classes: 'independent', channels: [1, 2] },
  'one sigmoid channel': { classes: 'independent', channels: [1], threshold: 0.7 },
  probabilities: { values: 'probabilities' },
  'independent probabilities': {
    values: 'probabilities',
    classes: 'independent',
    channels: [2, 1],
    threshold: 0.4,
  },
};

function randomRaw({ output }: Case, kind: Partial<OutputRecipe>, seed: number): Float32Array {
  const next = random(seed);
  const { width, height } = output.size ?? size(1, 1);
  const count = width * height * (kind.channels ?? [0, 1, 2]).length;
  const spread = kind.values === 'probabilities' ? 1 : 30;
  const shift = kind.values === 'probabilities' ? 0 : -15;
  return Float32Array.from({ length: count }, () => next() * spread + shift);
}

describe('the decoder against the slow, obvious one', () => {
  for (const [title, test] of Object.entries(CASES)) {
    for (const [kind, more] of Object.entries(KINDS)) {
      it(`classes: ${title}, ${kind}`, async () => {
        const { card, variant } = makeModel({ size: test.grid }, { ...test.output, ...more });
        const stages = createCpuStages({ card, variant });
        const placement = placeImage(test.source, test.grid, test.fit ?? 'stretch');
        const wanted = test.size ?? test.source;
        for (let seed = 1; seed <= 5; seed++) {
          const raw = randomRaw(test, more, seed);
          const tensor = createCpuTensor('float32', [raw.length], raw);
          const decoded = await stages.decode(tensor, placement, { as: 'classes', size: wanted });
          const slow = slowClasses(raw, variant.output, placement, wanted);
          const fast = await decoded.read();
          const wrong = slow.classes.filter(
            (label, at) => label !== fast[at] && (slow.margin[at] ?? 0) > 1e-9,
          );
          expect(wrong.length).toBe(0);
        }
      });

      it(`scores: ${title}, ${kind}`, async () => {
        const { card, variant } = makeModel({ size: test.grid }, { ...test.output, ...more });
        const stages = createCpuStages({ card, variant });
        const placement = placeImage(test.source, test.grid, test.fit ?? 'stretch');
        const wanted = test.size ?? test.source;
        const raw = randomRaw(test, more, 7);
        const tensor = createCpuTensor('float32', [raw.length], raw);
        const select = [[1, 2], [0], [2], []];
        const decoded = await stages.decode(tensor, placement, { as: 'scores', size: wanted, select });
        const fast = await decoded.read();
        select.forEach((labels, plane) => {
          const slow = slowScores(raw, variant.output, placement, wanted, labels);
          const start = plane * slow.length;
          const worst = slow.reduce(
            (most, value, at) => Math.max(most, Math.abs(value - Number(fast[start + at]))),
            0,
          );
          expect(worst).toBeLessThan(0.0006);
        });
      });
    }
  }
});

describe('quantised and whole-number outputs', () => {
  const wanted = size(50, 40);
  const grid = size(20, 16);
  const placement = placeImage(wanted, grid, 'stretch');
  const next = random(3);

  for (const dtype of ['uint8', 'int8'] as const) {
    it(`${dtype} logits with scale and zero point`, async () => {
      const quantization = { scale: 0.07, zeroPoint: dtype === 'uint8' ? 100 : -3 };
      const { card, variant } = makeModel({ size: grid }, { size: size(10, 8), dtype, quantization });
      const values = Array.from(
        { length: 240 },
        () => Math.floor(next() * 256) - (dtype === 'int8' ? 128 : 0),
      );
      const raw = dtype === 'uint8' ? Uint8Array.from(values) : Int8Array.from(values);
      const stages = createCpuStages({ card, variant });
      const tensor = createCpuTensor<DType>(dtype, [240], raw);
      const decoded = await stages.decode(tensor, placement, { as: 'classes', size: wanted });
      const slow = slowClasses(raw, variant.output, placement, wanted);
      const fast = await decoded.read();
      expect(
        slow.classes.filter((label, at) => label !== fast[at] && (slow.margin[at] ?? 0) > 1e-9).length,
      ).toBe(0);
      const scores = await stages.decode(tensor, placement, { as: 'scores', size: wanted, select: [[1]] });
      const plane = await scores.read();
      const expected = slowScores(raw, variant.output, placement, wanted, [1]);
      expect(expected.every((value, at) => Math.abs(value - Number(plane[at])) < 0.0006)).toBe(true);
    });
  }

  for (const dtype of ['int64', 'int32', 'uint8', 'float32'] as const) {
    it(`${dtype} class indexes, by the nearest sample`, async () => {
      const { card, variant } = makeModel(
        { size: grid },
        { size: size(10, 8), dtype, values: 'class-index', channels: [] },
      );
      const values = Array.from({ length: 80 }, () => Math.floor(next() * 3));
      const raw = {
        int64: () => BigInt64Array.from(values, BigInt),
        int32: () => Int32Array.from(values),
        uint8: () => Uint8Array.from(values),
        float32: () => Float32Array.from(values),
      }[dtype]();
      const tensor = createCpuTensor<DType>(dtype, [80], raw);
      const decoded = await createCpuStages({ card, variant }).decode(tensor, placement, {
        as: 'classes',
        size: wanted,
      });
      expect(await decoded.read()).toEqual(slowClasses(values, variant.output, placement, wanted).classes);
    });
  }

  it('refuses class indexes that have no label', async () => {
    const { card, variant } = makeModel(
      { size: grid },
      { size: size(10, 8), dtype: 'uint8', values: 'class-index', channels: [] },
    );
    const tensor = createCpuTensor('uint8', [80], new Uint8Array(80).fill(7));
    await expect(
      createCpuStages({ card, variant }).decode(tensor, placement, { as: 'classes', size: wanted }),
    ).rejects.toMatchObject({ code: 'invalid-card', detail: { received: '7' } });
  });

  it('refuses a raw tensor of the wrong size or type', async () => {
    const { card, variant } = makeModel({ size: grid }, { size: size(10, 8) });
    const stages = createCpuStages({ card, variant });
    const wrongSize = createCpuTensor('float32', [239], new Float32Array(239));
    const wrongType = createCpuTensor('uint8', [240], new Uint8Array(240));
    for (const tensor of [wrongSize, wrongType]) {
      await expect(stages.decode(tensor, placement, { as: 'classes', size: wanted })).rejects.toMatchObject({
        code: 'invalid-card',
      });
    }
  });
});

describe('a file that resizes its own output', () => {
  it('decodes from the samples that the resize left untouched', async () => {
    const grid = size(33, 25);
    const small = size(5, 4);
    const next = random(11);
    const values = Float32Array.from({ length: 3 * 20 }, () => next() * 20 - 10);
    const output: Partial<OutputRecipe> = { size: small, align: 'corners' };
    const smallModel = makeModel({ size: grid }, output);
    const largeModel = makeModel({ size: grid }, { ...output, size: grid, resizedFrom: small });
    const large = new Float32Array(3 * 33 * 25).fill(Number.NaN);
    for (let at = 0; at < values.length; at++) {
      const [c, y, x] = [Math.floor(at / 20), Math.floor((at % 20) / 5), at % 5];
      large[(c * 25 + y * 8) * 33 + x * 8] = values[at] ?? 0;
    }
    const request = { as: 'classes', size: size(200, 120) } as const;
    const placement = placeImage(request.size, grid, 'stretch');
    const fromSmall = await createCpuStages(smallModel).decode(
      createCpuTensor('float32', [values.length], values),
      placement,
      request,
    );
    const fromLarge = await createCpuStages(largeModel).decode(
      createCpuTensor('float32', [large.length], large),
      placement,
      request,
    );
    expect(await fromLarge.read()).toEqual(await fromSmall.read());
  });
});

describe.skipIf(shared === null)('real logits', () => {
  const read = (path: string): Buffer<ArrayBuffer> => Buffer.from(readFileSync(`${shared}/golden/${path}`));
  const floats = (path: string): Float32Array => new Float32Array(new Uint8Array(read(path)).buffer);
  const channels = Array.from({ length: 21 }, (_, index) => index);
  const names = channels.map((index) => (index === 0 ? 'background' : `class-${index}`));

  function stagesFor(output: Partial<OutputRecipe>, grid: Size) {
    const { card, variant } = makeModel({ size: grid }, { channels, align: 'corners', ...output });
    const stages = createCpuStages({ card: { ...card, labels: { id: 'voc', names }, groups: {} }, variant });
    return { stages, recipe: variant.output };
  }

  it('gives the golden classes of the 257: 0 of 66,049 pixels differ', async () => {
    const grid = size(257, 257);
    const { stages } = stagesFor({ size: size(33, 33), layout: 'hwc' }, grid);
    const raw = floats('deeplabv3_257/logits_1x33x33x21_nhwc.f32');
    const tensor = createCpuTensor('float32', [raw.length], raw);
    const decoded = await stages.decode(tensor, placeImage(grid, grid, 'stretch'), {
      as: 'classes',
      size: grid,
    });
    const classes = await decoded.read();
    const golden = read('deeplabv3_257/labels_257x257.u8');
    expect(golden.filter((label, at) => label !== classes[at]).length).toBe(0);
  });

  it('agrees with the slow decoder on the 513 at 960 x 540, everywhere', async () => {
    const grid = size(513, 513);
    const { stages, recipe } = stagesFor({ size: size(65, 65) }, grid);
    const raw = floats('deeplabv3_513/logits_1x21x65x65_nchw.f32');
    const wanted = size(960, 540);
    const placement = placeImage(wanted, grid, 'stretch');
    const tensor = createCpuTensor('float32', [raw.length], raw);
    const classes = await (await stages.decode(tensor, placement, { as: 'classes', size: wanted })).read();
    expect(classes).toEqual(slowClasses(raw, recipe, placement, wanted).classes);
    const scores = await (
      await stages.decode(tensor, placement, { as: 'scores', size: wanted, select: [[3]] })
    ).read();
    const slow = slowScores(raw, recipe, placement, wanted, [3]);
    expect(slow.every((value, at) => Math.abs(value - Number(scores[at])) < 0.0006)).toBe(true);
  });
});
