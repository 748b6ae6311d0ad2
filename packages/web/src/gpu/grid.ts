import {
  elementCount,
  type ModelVariant,
  type OutputRecipe,
  SegmentError,
  type Size,
  type Tensor,
} from '@seg/core';
import { decodeGrid, outputShape } from '@seg/core/adapter';
import { literal } from './prepare-wgsl.ts';
import { type GpuTensor, isGpuTensor } from './tensor.ts';
import type { GpuDevice } from './types.ts';

/** Where channel c of sample (x, y) lies: `c * stepC + y * stepY + x * stepX`. */
export interface Strides extends Size {
  readonly channels: number;
  readonly stepC: number;
  readonly stepX: number;
  readonly stepY: number;
}

/** The samples that decoding starts from: the output's own, or those of the smaller grid that the file itself resized. */
export function stridesOf(recipe: OutputRecipe): Strides {
  const { size, layout, resizedFrom = size } = recipe;
  const channels = Math.max(1, recipe.channels.length);
  const [stepC, pixel, row] =
    layout === 'chw' ? [size.width * size.height, 1, size.width] : [1, channels, size.width * channels];
  const everyX = factor(size.width, resizedFrom.width);
  const everyY = factor(size.height, resizedFrom.height);
  return { ...decodeGrid(recipe), channels, stepC, stepX: pixel * everyX, stepY: row * everyY };
}

/** With aligned corners, sample k of the small grid stands untouched at k * factor of the large one. */
function factor(large: number, small: number): number {
  return small === 1 ? 1 : (large - 1) / (small - 1);
}

/**
 * The network's output in WGSL: `raw` is binding 1, and `value(at)` its elements as real numbers.
 */
export function rawValues({ dtype, quantization }: OutputRecipe): string {
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const type = dtype === 'float32' ? 'f32' : 'i32';
  const value = dtype === 'float32' ? 'raw[at]' : `f32(raw[at] - ${zeroPoint}) * ${literal(scale)}`;
  return /* wgsl */ `
@group(0) @binding(1) var<storage, read> raw: array<${type}>;
fn value(at: u32) -> f32 { return ${value}; }
`;
}

/** Refuses what no shader here reads. @throws SegmentError `unsupported` */
export function requireOutput({ output }: Pick<ModelVariant, 'output'>): void {
  if (output.dtype === 'float32' || output.dtype === 'int32') return;
  throw new SegmentError('unsupported', `decoding the output "${output.name}" on WebGPU`, {
    expected: 'elements of float32 or int32',
    received: output.dtype,
    hint: 'Decode on the CPU, or convert the file so that it gives float32.',
  });
}

/**
 * Checks that a raw tensor is what the recipe says, on this device. Rank is ignored.
 *
 * @throws SegmentError `unsupported` for a tensor elsewhere, `invalid-card` where recipe and tensor disagree
 */
export function requireRaw(raw: Tensor, output: OutputRecipe, device: GpuDevice): GpuTensor {
  if (!isGpuTensor(raw) || raw.device !== device) {
    throw new SegmentError('unsupported', 'decoding on WebGPU', {
      expected: "a tensor on the stages' device",
      received: isGpuTensor(raw) ? 'one on another GPU device' : `one on ${raw.location}`,
    });
  }
  const expected = outputShape({ output });
  if (elementCount(raw.shape) === elementCount(expected) && raw.dtype === output.dtype) return raw;
  throw new SegmentError('invalid-card', `the model's output "${output.name}" is not what its card says`, {
    expected: `${elementCount(expected)} elements of ${output.dtype} ([${expected}])`,
    received: `${elementCount(raw.shape)} of ${raw.dtype} ([${raw.shape}])`,
  });
}
