import { type InputRecipe, type OutputRecipe, SegmentError, type Size, suggestion } from '@seg/core';
import type { OnnxDescription, OnnxValue } from '@seg/onnx-node';
import { UsageError } from '../failure.ts';

/** What the shapes of a file say. */
export interface Shapes {
  readonly input: Pick<InputRecipe, 'name' | 'size' | 'layout' | 'dtype'>;
  readonly output: Grid & { readonly name: string; readonly dtype: OutputRecipe['dtype'] };
  /** The outputs that are passed over. */
  readonly otherOutputs: readonly string[];
}

interface Grid {
  readonly size: Size;
  readonly layout: 'hwc' | 'chw';
  readonly channels: number;
}

const INPUT_TYPES = ['float32', 'uint8', 'int8'] as const;
const OUTPUT_TYPES = ['float32', 'uint8', 'int8', 'int32', 'int64'] as const;

/** What tells channels from rows, and one output from another, where the user knows it. */
export interface Known {
  /** How many labels there are. */
  readonly labels: number | null;
  /** The name of the output to take; by default the first that can be one. */
  readonly outputName?: string | undefined;
}

/**
 * Reads sizes and layouts from shapes alone.
 *
 * @throws SegmentError `unsupported` for what a card cannot say; UsageError for an output that the file does not have
 */
export function readShapes({ inputs, outputs }: OnnxDescription, { labels, outputName }: Known): Shapes {
  const [value] = inputs;
  if (value === undefined || inputs.length > 1) {
    throw new SegmentError('unsupported', 'a card has one input', { received: listed(inputs) });
  }
  const input = readInput(value);
  const candidates = outputs.filter(({ name }) => (outputName ?? name) === name);
  if (outputName !== undefined && candidates.length === 0) {
    const names = outputs.map(({ name }) => name);
    throw new UsageError(
      `the file has no output "${outputName}". ${suggestion(outputName, names, 'outputs')}`,
    );
  }
  for (const output of candidates) {
    const dtype = OUTPUT_TYPES.find((type) => type === output.dtype);
    const grid = dtype === undefined ? undefined : readGrid(output.shape, input, labels);
    if (dtype === undefined || grid === undefined) continue;
    const otherOutputs =
      outputName === undefined ? outputs.filter((other) => other !== output).map(({ name }) => name) : [];
    return { input, output: { name: output.name, dtype, ...grid }, otherOutputs };
  }
  throw new SegmentError('unsupported', 'no output of this file is a map of scores or classes', {
    expected: 'a fixed shape such as [1, classes, height, width], with the shape of the picture',
    received: listed(candidates),
    ...dynamicHint(candidates),
  });
}

function readInput(value: OnnxValue): Shapes['input'] {
  const { name, shape } = value;
  const dtype = INPUT_TYPES.find((type) => type === value.dtype);
  const [, a, b, c] = shape;
  const layout = shape.length !== 4 ? null : a === 3 ? 'chw' : c === 3 ? 'hwc' : null;
  const [height, width] = layout === 'chw' ? [b, c] : [a, b];
  if (dtype !== undefined && layout !== null && typeof height === 'number' && typeof width === 'number') {
    return { name, size: { width, height }, layout, dtype };
  }
  throw new SegmentError('unsupported', `the input "${name}" is not a picture of a fixed size`, {
    expected: '[1, 3, height, width] or [1, height, width, 3] of float32, uint8 or int8',
    received: listed([value]),
    ...dynamicHint([value]),
  });
}

/** The batch may be dynamic, and only it. */
function dynamicHint(values: readonly OnnxValue[]): { hint?: string } {
  const isDynamic = values.some(({ shape }) => shape.slice(1).some((length) => typeof length !== 'number'));
  return isDynamic ? { hint: 'Export the file with fixed sizes' } : {};
}

/** The first reading of a shape that has the aspect ratio of the input. */
function readGrid(
  shape: OnnxValue['shape'],
  input: Shapes['input'],
  labels: number | null,
): Grid | undefined {
  const [, ...rest] = shape; // the batch, which may be dynamic
  const lengths = rest.filter((length) => typeof length === 'number');
  if (lengths.length !== rest.length) return undefined;
  const readings = readingsOf(lengths, input.size).filter(({ size }) => hasAspect(size, input.size));
  const byLabels = readings.filter(({ channels }) => channels === labels);
  const byLayout = readings.filter(({ layout }) => layout === input.layout);
  return [...byLabels, ...byLayout, ...readings][0];
}

function readingsOf(lengths: readonly number[], picture: Size): Grid[] {
  const [a = 0, b = 0, c = 0] = lengths;
  if (lengths.length === 3) {
    return [
      { layout: 'chw', channels: a, size: { width: c, height: b } },
      { layout: 'hwc', channels: c, size: { width: b, height: a } },
    ];
  }
  if (lengths.length === 2) {
    return [
      { layout: 'hwc', channels: 1, size: { width: b, height: a } },
      { layout: 'hwc', channels: b, size: unflatten(a, picture) },
      { layout: 'chw', channels: a, size: unflatten(b, picture) },
    ];
  }
  return lengths.length === 1 ? [{ layout: 'hwc', channels: 1, size: unflatten(a, picture) }] : [];
}

/** Height and width of a grid of which only the number of cells is known. */
function unflatten(cells: number, picture: Size): Size {
  const width = Math.round(Math.sqrt((cells * picture.width) / picture.height));
  const height = cells / Math.max(1, width);
  return Number.isInteger(height) ? { width, height } : { width: 0, height: 0 };
}

/** Within a cell; a grid of fewer than 4 x 4 cells is rather something else. */
function hasAspect(grid: Size, picture: Size): boolean {
  const fitting = (grid.width * picture.height) / picture.width;
  return grid.width >= 4 && grid.height >= 4 && Math.abs(fitting - grid.height) <= 1;
}

function listed(values: readonly OnnxValue[]): string {
  return values
    .map(({ name, dtype, shape }) => `"${name}" ${dtype} [${shape.map((l) => l ?? '?').join(', ')}]`)
    .join(', ');
}
