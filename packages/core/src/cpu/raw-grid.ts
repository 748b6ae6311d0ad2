import type { OutputRecipe } from '../card.ts';
import { SegmentError } from '../errors.ts';
import type { Size } from '../geometry.ts';
import { type CpuTensor, elementCount, isCpuTensor, type Tensor, type TypedArray } from '../tensor.ts';

/** The network's output as real numbers: channel c of sample (x, y) is `data[c * stepC + y * stepY + x * stepX]`. */
export interface RawGrid extends Size {
  readonly data: Float32Array;
  readonly channels: number;
  readonly stepC: number;
  readonly stepX: number;
  readonly stepY: number;
}

/** The grid that decoding starts from: the output's own, or the smaller one that the file resized by itself. */
export function decodeGrid(recipe: OutputRecipe): Size {
  return recipe.resizedFrom ?? recipe.size;
}

/**
 * Checks that a raw tensor is what the recipe says, by element type and count (rank is ignored).
 *
 * @throws SegmentError `unsupported` for a tensor on another device, `invalid-card` where recipe and tensor disagree
 */
export function checkRaw(raw: Tensor, recipe: OutputRecipe): CpuTensor {
  if (!isCpuTensor(raw)) {
    throw new SegmentError('unsupported', 'decoding on the CPU', {
      expected: 'a tensor in memory',
      received: `one on ${raw.location}`,
    });
  }
  const { size, dtype, name } = recipe;
  const channels = recipe.values === 'class-index' ? 1 : recipe.channels.length;
  const expected = size.width * size.height * channels;
  if (elementCount(raw.shape) !== expected || raw.dtype !== dtype) {
    throw new SegmentError('invalid-card', `the model's output "${name}" is not what its card says`, {
      expected: `${expected} elements of ${dtype} (${size.width} x ${size.height} x ${channels})`,
      received: `${elementCount(raw.shape)} of ${raw.dtype} ([${raw.shape}])`,
    });
  }
  return raw;
}

/** Reads a checked raw tensor as real numbers. Float tensors are not copied; `scratch` holds dequantised ones. */
export function openRawGrid(
  raw: CpuTensor,
  recipe: OutputRecipe,
  scratch: (length: number) => Float32Array,
): RawGrid {
  const { size, layout, resizedFrom } = recipe;
  const channels = recipe.channels.length;
  const data = raw.data instanceof Float32Array ? raw.data : dequantize(raw.data, recipe, scratch);
  const [stepC, step, row] =
    layout === 'chw' ? [size.width * size.height, 1, size.width] : [1, channels, size.width * channels];
  const everyX = resizedFrom ? factor(size.width, resizedFrom.width) : 1;
  const everyY = resizedFrom ? factor(size.height, resizedFrom.height) : 1;
  return { data, channels, ...decodeGrid(recipe), stepC, stepX: step * everyX, stepY: row * everyY };
}

/** With aligned corners, sample k of the small grid stands untouched at k * factor of the large one. */
function factor(large: number, small: number): number {
  return small === 1 ? 1 : (large - 1) / (small - 1);
}

function dequantize(
  stored: TypedArray,
  recipe: OutputRecipe,
  scratch: (length: number) => Float32Array,
): Float32Array {
  const { scale, zeroPoint } = recipe.quantization ?? { scale: 1, zeroPoint: 0 };
  const values = scratch(stored.length);
  for (let index = 0; index < values.length; index++) {
    values[index] = (Number(stored[index]) - zeroPoint) * scale;
  }
  return values;
}
