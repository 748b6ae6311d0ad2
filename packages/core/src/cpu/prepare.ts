import type { InputRecipe } from '../card.ts';
import { type Placement, placeImage, sameSize, uprightSize } from '../geometry.ts';
import { checkImage, type PixelImage } from '../image.ts';
import type { CpuTensor, TensorPool, TypedArray } from '../tensor.ts';
import { type Pixels, uprightPixels } from './pixels.ts';
import { createResampler, type Resampler } from './resample.ts';

/** Writes row `y` of the rectangle: the red of pixel x is `values[start + x * step]`, 0 to 255. */
type RowWriter = (values: ArrayLike<number>, start: number, step: number, y: number) => void;

/** Brings pictures into one model's input tensor. Keeps its working memory, so make one per model. */
export interface Preparer {
  prepare(image: PixelImage, previous: Float32Array | null): { tensor: CpuTensor; placement: Placement };
}

export function createPreparer(recipe: InputRecipe, pool: TensorPool): Preparer {
  const { size, layout, dtype } = recipe;
  const channels = recipe.extra === 'previous-mask' ? 4 : 3;
  const shape =
    layout === 'chw' ? [1, channels, size.height, size.width] : [1, size.height, size.width, channels];
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
      const write = rowWriter(tensor.data, placement, recipe, channels);
      if (sameSize(placement.region, placement.rect)) copyRows(pixels, placement, write);
      else resamplerFor(placement)(pixels, (row, y) => write(row, 0, 3, y));
      if (channels === 4) writePrevious(tensor.data, previous, recipe);
      return { tensor, placement };
    },
  };
}

function toInteger(value: number, dtype: InputRecipe['dtype']): number {
  const [least, most] = dtype === 'uint8' ? [0, 255] : [-128, 127];
  return Math.min(most, Math.max(least, Math.round(value)));
}

/** The whole tensor at the recipe's mean, which normalises to zero: the pad around a contained picture. */
function fillWithMean(data: TypedArray, recipe: InputRecipe): void {
  if (!(data instanceof BigInt64Array)) data.fill(recipe.quantization?.zeroPoint ?? 0);
}

/** A region that needs no resampling, row by row. */
function copyRows(
  { data, origin, stepX, stepY }: Pixels,
  { region, rect }: Placement,
  write: RowWriter,
): void {
  const corner = origin + region.x * stepX + region.y * stepY;
  for (let y = 0; y < rect.height; y++) write(data, corner + y * stepY, stepX, y);
}

/** Normalises, orders and lays out: stored = value * multiply + add, rounded for integers. */
function rowWriter(
  out: TypedArray,
  { rect, grid }: Placement,
  { mean, std, quantization, order, layout, dtype }: InputRecipe,
  channels: number,
): RowWriter {
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const [pixel, plane] = layout === 'chw' ? [1, grid.width * grid.height] : [channels, 1];
  return (values, start, step, y) => {
    if (out instanceof BigInt64Array) return;
    for (let color = 0; color < 3; color++) {
      const multiply = 1 / ((std[color] ?? 1) * scale);
      const add = zeroPoint - (mean[color] ?? 0) * multiply;
      const first = ((rect.y + y) * grid.width + rect.x) * pixel;
      const to = first + (order === 'rgb' ? color : 2 - color) * plane;
      if (out instanceof Float32Array) {
        writeFloats(values, start + color, step, out, to, pixel, rect.width, multiply, add);
        continue;
      }
      for (let x = 0; x < rect.width; x++) {
        out[to + x * pixel] = toInteger((values[start + color + x * step] ?? 0) * multiply + add, dtype);
      }
    }
  };
}

/** The inner loop of nearly every picture, alone so that engines compile it for its own types. */
function writeFloats(
  values: ArrayLike<number>,
  start: number,
  step: number,
  out: Float32Array,
  first: number,
  pixel: number,
  count: number,
  multiply: number,
  add: number,
): void {
  let from = start;
  let to = first;
  for (let x = 0; x < count; x++) {
    out[to] = (values[from] ?? 0) * multiply + add;
    from += step;
    to += pixel;
  }
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
