import type { InputRecipe, ModelVariant } from './card.ts';
import { SegmentError } from './errors.ts';
import { elementCount } from './tensor.ts';

/** An input or output of a file. A dynamic dimension is its name, or null where it has none; no shape at all is `[]`. */
export interface FileValue {
  readonly name: string;
  /** The vendor's word: `float32`, `uint8`, `int8`, `int32`, `int64`, `float16`, ... */
  readonly dtype: string;
  readonly shape: readonly (number | string | null)[];
}

/** What a model file takes and gives. */
export interface ModelFile {
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/** The shape that the card's input recipe means: [1, c, h, w] or [1, h, w, c]. */
export function inputShape({ input }: Pick<ModelVariant, 'input'>): number[] {
  return gridShape(input, input.extra === 'previous-mask' ? 4 : 3);
}

/** The shape that the card's output recipe means. Memory order and count matter, the file's rank may differ. */
export function outputShape({ output }: Pick<ModelVariant, 'output'>): number[] {
  return gridShape(output, output.values === 'class-index' ? 1 : output.channels.length);
}

/** [1, c, h, w] or [1, h, w, c]. */
function gridShape({ size, layout }: Pick<InputRecipe, 'size' | 'layout'>, channels: number): number[] {
  const { width, height } = size;
  return layout === 'hwc' ? [1, height, width, channels] : [1, channels, height, width];
}

/**
 * For adapters: holds a file against its card at the door, so that a wrong card is not found out as a wrong picture.
 * `runtime` is the adapter's name, for its errors.
 *
 * @returns the shape to feed: the file's own, or the card's where dimensions are dynamic
 * @throws SegmentError `invalid-card` (name, element type, shape), `unsupported` (float16, more inputs)
 */
export function requireRecipe(file: ModelFile, variant: ModelVariant, runtime: string): readonly number[] {
  const input = find(file.inputs, variant.input, 'input');
  const output = find(file.outputs, variant.output, 'output');
  if (file.inputs.length > 1) {
    throw new SegmentError('unsupported', `${runtime} feeds one input`, {
      received: `a file with the inputs ${names(file.inputs)}`,
    });
  }
  requireShape(input, inputShape(variant), 'input');
  requireShape(output, outputShape(variant), 'output');
  return isStatic(input.shape) ? input.shape : inputShape(variant);
}

function find(
  values: readonly FileValue[],
  recipe: { name: string; dtype: string },
  kind: string,
): FileValue {
  const value = values.find(({ name }) => name === recipe.name);
  if (value === undefined) {
    throw new SegmentError('invalid-card', `the file has no ${kind} of the name that the card gives`, {
      expected: names(values),
      received: `"${recipe.name}"`,
    });
  }
  if (value.dtype === 'float16') {
    throw new SegmentError('unsupported', `the ${kind} "${value.name}" is float16`, {
      hint: 'Convert the file so that it takes and gives float32',
    });
  }
  if (value.dtype !== recipe.dtype) {
    throw new SegmentError('invalid-card', `element type of the ${kind} "${value.name}"`, {
      expected: `${value.dtype}, as the file has it`,
      received: recipe.dtype,
    });
  }
  return value;
}

function requireShape({ name, shape }: FileValue, wanted: readonly number[], kind: string): void {
  if (agrees(shape, wanted)) return;
  throw new SegmentError('invalid-card', `size or layout of the ${kind} "${name}"`, {
    expected: `[${shape}], as the file has it`,
    received: `[${wanted}]`,
  });
}

/** Counts must agree; where the dimensions that are not 1 are as many, so must they ([1,12544,1] is 112x112x1). */
function agrees(shape: FileValue['shape'], wanted: readonly number[]): boolean {
  if (shape.length === 0) return true;
  if (!isStatic(shape)) {
    return (
      shape.length !== wanted.length ||
      shape.every((length, i) => typeof length !== 'number' || length === wanted[i])
    );
  }
  if (elementCount(shape) !== elementCount(wanted)) return false;
  const [ours, theirs] = [squeeze(wanted), squeeze(shape)];
  return ours.length !== theirs.length || ours.every((length, i) => length === theirs[i]);
}

function isStatic(shape: FileValue['shape']): shape is readonly number[] {
  return shape.length > 0 && shape.every((length) => typeof length === 'number');
}

function squeeze(shape: readonly number[]): number[] {
  return shape.filter((length) => length !== 1);
}

function names(values: readonly FileValue[]): string {
  return values.map(({ name }) => `"${name}"`).join(', ');
}
