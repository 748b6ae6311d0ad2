import { describe, expect, it } from 'vitest';
import {
  createCpuStages,
  type Fit,
  type InputRecipe,
  type Orientation,
  type PixelImage,
} from '../src/index.ts';
import { makeModel, noise } from './fixtures.ts';
import { slowPixel, slowStored } from './reference.ts';

async function compare(image: PixelImage, input: Partial<InputRecipe>): Promise<number> {
  const { card, variant } = makeModel(input);
  const recipe = variant.input;
  const { tensor, placement } = await createCpuStages({ card, variant }).prepare(image);
  const data = await tensor.read();
  const { width, height } = recipe.size;
  let worst = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const color = recipe.order === 'rgb' ? channel : 2 - channel;
        const expected = slowStored(slowPixel(image, placement, x, y, color), recipe, color);
        const at =
          recipe.layout === 'chw' ? (channel * height + y) * width + x : (y * width + x) * 3 + channel;
        worst = Math.max(worst, Math.abs(expected - Number(data[at])));
      }
    }
  }
  return worst;
}

describe('prepare against the slow, obvious resampler', () => {
  const sizes = {
    'shrinks both axes': [61, 47],
    'grows both axes': [5, 3],
    'shrinks one and grows the other': [40, 6],
    'is the model size': [16, 12],
    'is one pixel': [1, 1],
    'is one row': [100, 1],
  } as const;
  for (const [title, [width, height]] of Object.entries(sizes)) {
    for (const fit of ['stretch', 'contain', 'cover'] satisfies Fit[]) {
      it(`${fit}: a picture that ${title}`, async () => {
        const size = { width: 16, height: 12 };
        expect(await compare(noise(width, height, 5), { size, fit })).toBeLessThan(1e-5);
      });
    }
  }

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] satisfies Orientation[]) {
    it(`orientation ${orientation}, resampled and copied`, async () => {
      const image = noise(37, 22, orientation, { orientation });
      expect(await compare(image, { size: { width: 16, height: 12 } })).toBeLessThan(1e-5);
      const upright = orientation < 5 ? { width: 37, height: 22 } : { width: 22, height: 37 };
      expect(await compare(image, { size: upright })).toBeLessThan(1e-6);
    });
  }

  const recipes: Record<string, Partial<InputRecipe>> = {
    'hwc, bgr, own mean and deviation for each colour': {
      layout: 'hwc',
      order: 'bgr',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'uint8 with scale and zero point': {
      dtype: 'uint8',
      quantization: { scale: 0.0078125, zeroPoint: 128 },
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'int8 that clips': { dtype: 'int8', layout: 'hwc', quantization: { scale: 0.002, zeroPoint: -5 } },
    'raw bytes': { dtype: 'uint8', mean: [0, 0, 0], std: [1, 1, 1] },
  };
  for (const [title, recipe] of Object.entries(recipes)) {
    for (const fit of ['stretch', 'contain'] satisfies Fit[]) {
      it(`${title}, ${fit}`, async () => {
        const size = { width: 15, height: 15 };
        const image = noise(31, 44, 2, { format: 'rgba8' });
        // a float rounded the other way at exactly one half
        expect(await compare(image, { ...recipe, size, fit })).toBeLessThanOrEqual(recipe.dtype ? 1 : 1e-5);
        const same = noise(15, 15, 3, { format: 'rgba8' });
        expect(await compare(same, { ...recipe, size, fit })).toBeLessThan(1e-6);
      });
    }
  }
});

describe('prepare', () => {
  it('reuses its tensors: a steady frame allocates nothing large', async () => {
    const model = makeModel();
    const stages = createCpuStages(model);
    const first = await stages.prepare(noise(20, 20, 1));
    const memory = 'data' in first.tensor ? first.tensor.data : null;
    first.tensor.dispose();
    const second = await stages.prepare(noise(20, 20, 2));
    expect('data' in second.tensor && second.tensor.data).toBe(memory);
  });

  it('feeds the previous mask as a fourth channel, zeros at first', async () => {
    const model = makeModel({ extra: 'previous-mask', layout: 'hwc' });
    const { tensor } = await createCpuStages(model).prepare(noise(8, 8, 1));
    const data = await tensor.read();
    expect(tensor.shape).toEqual([1, 8, 8, 4]);
    expect([...data].filter((_, at) => at % 4 === 3).every((value) => value === 0)).toBe(true);
  });

  const wrong: Record<string, Partial<PixelImage>> = {
    'data that does not fill the size': { width: 9 },
    'a size of zero': { width: 0, data: new Uint8Array(0) },
    'a fractional size': { width: 1.5 },
    'an orientation of 9': Object.assign({}, { orientation: Number('9') }) as Partial<PixelImage>,
    'another format': Object.assign({}, { format: 'jpeg' }) as Partial<PixelImage>,
  };
  for (const [title, more] of Object.entries(wrong)) {
    it(`refuses ${title}`, async () => {
      const stages = createCpuStages(makeModel());
      await expect(stages.prepare({ ...noise(8, 8, 1), ...more })).rejects.toMatchObject({
        code: 'invalid-input',
      });
    });
  }
});
