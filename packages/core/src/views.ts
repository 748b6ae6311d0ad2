import { SegmentError } from './errors.ts';
import { type Placement, type Rect, sampleAxis } from './geometry.ts';
import { type LabelSet, resolveSelection, type Selection } from './labels.ts';
import type { AbortOptions } from './owned.ts';
import type { OutputSize, Segmentation } from './segmentation.ts';
import type { DType, Tensor, TypedArrayOf } from './tensor.ts';

/** Options of every view. */
export interface ViewOptions extends AbortOptions {
  /** The size of the result: the source's by default, upright. */
  readonly size?: OutputSize | undefined;
}

/** A class for every pixel. The caller owns `data`. */
export interface ClassMap {
  readonly width: number;
  readonly height: number;
  /** [height, width]: label indexes, rows from the top. */
  readonly data: Uint8Array;
  readonly labels: LabelSet;
  /** Milliseconds that decoding took. */
  readonly decodeMs: number;
}

/** How much every pixel belongs to a selection. The caller owns `data`. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  /** [height, width]: 255 = selected, 0 = not; between where the mask is soft. */
  readonly data: Uint8Array;
  readonly decodeMs: number;
}

/** Scores as the network gives them, 0 to 1. The caller owns the planes. */
export interface Scores {
  readonly width: number;
  readonly height: number;
  /** One plane [height, width] for each selection. */
  readonly planes: readonly Float32Array[];
  readonly decodeMs: number;
}

/** One label that was found, and where. */
export interface Coverage {
  readonly index: number;
  readonly name: string;
  readonly pixels: number;
  /** Share of the pixels that the model saw, 0 to 1. */
  readonly share: number;
  /** The smallest rectangle around them, in pixels of the size asked for. */
  readonly box: Rect;
}

/** The label index of every pixel. Copies off the device where the result lives on one. */
export async function readClassMap(segmentation: Segmentation, options: ViewOptions = {}): Promise<ClassMap> {
  const start = performance.now();
  const tensor = await segmentation.decode({ as: 'classes', size: options.size }, options);
  const [height = 0, width = 0] = tensor.shape;
  const decodeMs = performance.now() - start;
  const data = await take(tensor, 'uint8', options);
  return { width, height, data, labels: segmentation.model.labels, decodeMs };
}

/** One plane of scores for each selection, 0 to 1. Copies off the device where the result lives on one. */
export async function readScores(
  segmentation: Segmentation,
  options: ViewOptions & { readonly select: readonly Selection[] },
): Promise<Scores> {
  const start = performance.now();
  const { size, select } = options;
  const tensor = await segmentation.decode({ as: 'scores', size, select }, options);
  const [count = 0, height = 0, width = 0] = tensor.shape;
  const decodeMs = performance.now() - start;
  const data = await take(tensor, 'float32', options);
  const area = width * height;
  const planes = Array.from({ length: count }, (_, index) => data.subarray(index * area, (index + 1) * area));
  return { width, height, planes, decodeMs };
}

/**
 * The mask of a selection, by default everything but the background. Hard: 255 where the pixel's class is selected.
 * Soft: the selection's score times 255, rounded. Copies off the device where the result lives on one.
 */
export async function readMask(
  segmentation: Segmentation,
  options: ViewOptions & {
    readonly select?: Selection | undefined;
    readonly soft?: boolean | undefined;
  } = {},
): Promise<Mask> {
  const selected = resolveSelection(options.select, segmentation.model);
  if (options.soft === true) {
    const names = selected.map((index) => segmentation.model.labels.names[index] ?? '');
    const { width, height, planes, decodeMs } = await readScores(segmentation, {
      ...options,
      select: [names],
    });
    const [plane = new Float32Array(width * height)] = planes;
    const data = new Uint8Array(plane.length);
    for (let pixel = 0; pixel < data.length; pixel++) data[pixel] = Math.round((plane[pixel] ?? 0) * 255);
    return { width, height, data, decodeMs };
  }
  const { width, height, data, decodeMs } = await readClassMap(segmentation, options);
  const isSelected = new Uint8Array(256);
  for (const index of selected) isSelected[index] = 255;
  for (let pixel = 0; pixel < data.length; pixel++) data[pixel] = isSelected[data[pixel] ?? 0] ?? 0;
  return { width, height, data, decodeMs };
}

/** The labels found, most pixels first. Pixels that the model did not see do not count. */
export async function readCoverage(
  segmentation: Segmentation,
  options: ViewOptions = {},
): Promise<Coverage[]> {
  return coverageOf(await readClassMap(segmentation, options), segmentation.placement);
}

/** Coverage of a class map at hand; with the segmentation's placement, pixels that the model did not see do not count. */
export function coverageOf(
  map: Pick<ClassMap, 'width' | 'height' | 'data' | 'labels'>,
  placement?: Placement,
): Coverage[] {
  const seen = seenRect(map, placement);
  const counts = new Uint32Array(256);
  const boxes = Array.from({ length: 256 }, () => ({
    left: map.width,
    top: map.height,
    right: 0,
    bottom: 0,
  }));
  for (let y = seen.y; y < seen.y + seen.height; y++) {
    const row = y * map.width;
    for (let x = seen.x; x < seen.x + seen.width; ) {
      const label = map.data[row + x] ?? 0;
      const left = x;
      while (x < seen.x + seen.width && map.data[row + x] === label) x++;
      counts[label] = (counts[label] ?? 0) + x - left;
      const box = boxes[label];
      if (box === undefined) continue;
      if (left < box.left) box.left = left;
      if (x > box.right) box.right = x;
      if (y < box.top) box.top = y;
      box.bottom = y + 1;
    }
  }
  const total = Math.max(1, seen.width * seen.height);
  return boxes
    .map(({ left, top, right, bottom }, index) => ({
      index,
      name: map.labels.names[index] ?? `class ${index}`,
      pixels: counts[index] ?? 0,
      share: (counts[index] ?? 0) / total,
      box: { x: left, y: top, width: right - left, height: bottom - top },
    }))
    .filter(({ pixels }) => pixels > 0)
    .sort((a, b) => b.pixels - a.pixels);
}

function seenRect(
  { width, height }: { width: number; height: number },
  placement: Placement | undefined,
): Rect {
  if (placement === undefined) return { x: 0, y: 0, width, height };
  const x = sampleAxis(placement, 'x', width, 2, 'half-pixel');
  const y = sampleAxis(placement, 'y', height, 2, 'half-pixel');
  return { x: x.begin, y: y.begin, width: x.end - x.begin, height: y.end - y.begin };
}

/** Reads a tensor that a stage gave away and ends it, also when reading fails. */
async function take<D extends DType>(
  tensor: Tensor,
  dtype: D,
  options: AbortOptions,
): Promise<TypedArrayOf[D]> {
  try {
    if (tensor.dtype !== dtype) {
      throw new SegmentError('runtime', 'the decoded tensor', { expected: dtype, received: tensor.dtype });
    }
    // biome-ignore lint/plugin: the check above ties the array's type to the dtype
    return (await tensor.read(options)) as TypedArrayOf[D];
  } finally {
    tensor.dispose();
  }
}
