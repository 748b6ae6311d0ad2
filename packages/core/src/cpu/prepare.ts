import type { InputRecipe } from '../card.ts';
import { type Placement, placeImage, sameSize, uprightSize } from '../geometry.ts';
import { checkImage, type PixelImage } from '../image.ts';
import type { CpuTensor, TensorPool, TypedArray } from '../tensor.ts';
import { type Pixels, uprightPixels } from './pixels.ts';
import { createResampler, type Resampler } from './resample.ts';

/** Writes one grid row of red, green, blue values (0 to 255, not rounded) into the input tensor. */
type RowWriter = (row: Float64Array, y: number) => void;

/** Brings pictures into one model's input tensor. Keeps its working memory, so make one per model. */
export interface Preparer {
  prepare(image: PixelImage, previous: Float32Array | null): { tensor: CpuTensor; placement: Placement };
}

export function createPreparer(recipe: InputRecipe, pool: TensorPool): Preparer {
  const { size, layout, dtype } = recipe;
  const channels = recipe.extra === 'previous-mask' ? 4 : 3;
  const shape =
    layout === 'chw' ? [1, channels, size.height, size.width] : [1, size.height, size.width, channels];
  const tables = byteTables(recipe);
  let last: { key: string; resampler: Resampler } | null = null;

  function resamplerFor({ region, rect }: Placement): Resampler {
    const key = [region.x, region.y, region.width, region.height, rect.width, rect.height].join();
    if (last?.key !== key) last = { key, resampler: createResampler(region, rect.width, rect.height) };
    return last.resampler;
  }

  return {
    prepare(image, previous) {
      checkImage(image);
      const orientation = image.orientation ?? 1;
      const placement = placeImage(uprightSize(image, orientation), size, recipe.fit, orientation);
      const tensor = pool.take(dtype, shape);
      const pixels = uprightPixels(image);
      if (!sameSize(placement.rect, size)) fillWithMean(tensor.data, recipe);
      if (sameSize(placement.region, placement.rect)) {
        copyPixels(pixels, placement, tensor.data, tables, recipe, channels);
      } else {
        resamplerFor(placement)(pixels, rowWriter(tensor.data, placement, recipe, channels));
      }
      if (channels === 4) writePrevious(tensor.data, previous, recipe);
      return { tensor, placement };
    },
  };
}

/** Multiplier and offset of each of r, g, b: stored = byte * multiplier + offset, rounded for integers. */
function affine({ mean, std, quantization }: InputRecipe): {
  multiply: readonly number[];
  add: readonly number[];
} {
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  return {
    multiply: std.map((deviation) => 1 / (deviation * scale)),
    add: mean.map((value, index) => zeroPoint - value / ((std[index] ?? 1) * scale)),
  };
}

/** The stored value of every byte, for r, g and b: exact where no resampling happens. */
function byteTables(recipe: InputRecipe): readonly Float32Array[] {
  const { scale, zeroPoint } = recipe.quantization ?? { scale: 1, zeroPoint: 0 };
  return recipe.mean.map((mean, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => {
      const value = (byte - mean) / (recipe.std[channel] ?? 1);
      return recipe.dtype === 'float32' ? value : toInteger(value / scale + zeroPoint, recipe.dtype);
    }),
  );
}

function toInteger(value: number, dtype: 'uint8' | 'int8'): number {
  const [least, most] = dtype === 'uint8' ? [0, 255] : [-128, 127];
  return Math.min(most, Math.max(least, Math.round(value)));
}

/** The whole tensor at the recipe's mean, which normalises to zero: the pad around a contained picture. */
function fillWithMean(data: TypedArray, recipe: InputRecipe): void {
  if (!(data instanceof BigInt64Array)) data.fill(recipe.quantization?.zeroPoint ?? 0);
}

/** Where r, g and b of the grid's first pixel go, and how far apart pixels are. */
function tensorWalk(recipe: InputRecipe, channels: number): { starts: readonly number[]; step: number } {
  const plane = recipe.size.width * recipe.size.height;
  const places = recipe.order === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  return recipe.layout === 'chw'
    ? { starts: places.map((place) => place * plane), step: 1 }
    : { starts: places, step: channels };
}

/** No resampling: one table look-up a byte. */
function copyPixels(
  pixels: Pixels,
  { region, rect, grid }: Placement,
  out: TypedArray,
  [red, green, blue]: readonly Float32Array[],
  recipe: InputRecipe,
  channels: number,
): void {
  if (red === undefined || green === undefined || blue === undefined || out instanceof BigInt64Array) return;
  const { starts, step } = tensorWalk(recipe, channels);
  const [startRed = 0, startGreen = 0, startBlue = 0] = starts;
  const { data, stepX } = pixels;
  for (let y = 0; y < rect.height; y++) {
    let from = pixels.origin + region.x * stepX + (region.y + y) * pixels.stepY;
    let to = ((rect.y + y) * grid.width + rect.x) * step;
    for (let x = 0; x < rect.width; x++, from += stepX, to += step) {
      out[startRed + to] = red[data[from] ?? 0] ?? 0;
      out[startGreen + to] = green[data[from + 1] ?? 0] ?? 0;
      out[startBlue + to] = blue[data[from + 2] ?? 0] ?? 0;
    }
  }
}

function rowWriter(
  out: TypedArray,
  { rect, grid }: Placement,
  recipe: InputRecipe,
  channels: number,
): RowWriter {
  const { multiply, add } = affine(recipe);
  const { starts, step } = tensorWalk(recipe, channels);
  const { dtype } = recipe;
  return (row, y) => {
    if (out instanceof BigInt64Array) return;
    for (let channel = 0; channel < 3; channel++) {
      const m = multiply[channel] ?? 1;
      const a = add[channel] ?? 0;
      let to = (starts[channel] ?? 0) + ((rect.y + y) * grid.width + rect.x) * step;
      for (let from = channel; from < rect.width * 3; from += 3, to += step) {
        const value = (row[from] ?? 0) * m + a;
        out[to] = dtype === 'float32' ? value : toInteger(value, dtype);
      }
    }
  };
}

/** The fourth channel: scores at grid size, or zeros. It is not normalised, only quantised. */
function writePrevious(out: TypedArray, previous: Float32Array | null, recipe: InputRecipe): void {
  if (out instanceof BigInt64Array) return;
  const { width, height } = recipe.size;
  const { scale, zeroPoint } = recipe.quantization ?? { scale: 1, zeroPoint: 0 };
  const [start, step] = recipe.layout === 'chw' ? [3 * width * height, 1] : [3, 4];
  for (let index = 0; index < width * height; index++) {
    const score = previous?.[index] ?? 0;
    out[start + index * step] =
      recipe.dtype === 'float32' ? score : toInteger(score / scale + zeroPoint, recipe.dtype);
  }
}
