import { SegmentError } from './errors.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in pixels, from its top left corner. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** How a picture is brought to the model's input size. */
export type Fit =
  | 'stretch' // the whole picture, aspect ratio given up
  | 'contain' // the whole picture, centred, the rest filled with the recipe's mean
  | 'cover'; // the centred crop that has the grid's aspect ratio

/** EXIF orientation: how stored pixels must be turned to stand upright. 1 = as they are. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** How an output grid is laid over the input grid: corner samples on corners, or pixel areas on pixel areas. */
export type Align = 'corners' | 'half-pixel';

/**
 * Which part of the source landed where on the model's grid.
 * `source` and `region` are in upright pixels (after `orientation`), `grid` and `rect` in pixels of the model's input.
 */
export interface Placement {
  readonly source: Size;
  readonly orientation: Orientation;
  readonly region: Rect;
  readonly grid: Size;
  readonly rect: Rect;
}

/** The size that a person sees: orientations 5 to 8 swap width and height. */
export function uprightSize(stored: Size, orientation: Orientation): Size {
  return orientation < 5
    ? { width: stored.width, height: stored.height }
    : { width: stored.height, height: stored.width };
}

/**
 * Lays an upright source of `source` pixels on a grid of `grid` pixels. Regions and rectangles are whole pixels, so
 * that a crop and a pad have crisp edges; the two axes then scale by their own exact ratio.
 */
export function placeImage(source: Size, grid: Size, fit: Fit, orientation: Orientation = 1): Placement {
  const whole = { x: 0, y: 0, width: source.width, height: source.height };
  const all = { x: 0, y: 0, width: grid.width, height: grid.height };
  const ratios = [grid.width / source.width, grid.height / source.height] as const;
  if (fit === 'contain') {
    return { source, orientation, region: whole, grid, rect: centred(source, Math.min(...ratios), grid) };
  }
  if (fit === 'cover') {
    return { source, orientation, region: centred(grid, 1 / Math.max(...ratios), source), grid, rect: all };
  }
  return { source, orientation, region: whole, grid, rect: all };
}

/** `inner` scaled by `scale`, in whole pixels, in the middle of `outer` and never beyond it. */
function centred(inner: Size, scale: number, outer: Size): Rect {
  const width = Math.min(outer.width, Math.max(1, Math.round(inner.width * scale)));
  const height = Math.min(outer.height, Math.max(1, Math.round(inner.height * scale)));
  return {
    x: Math.floor((outer.width - width) / 2),
    y: Math.floor((outer.height - height) / 2),
    width,
    height,
  };
}

/** True when both name the same number of pixels. */
export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

/** Refuses anything but whole pixels from 1 to 65,535 a side. @throws SegmentError `invalid-input` */
export function checkSize(size: Size, what: string): Size {
  for (const length of [size.width, size.height]) {
    if (!Number.isInteger(length) || length < 1 || length > 65535) {
      throw new SegmentError('invalid-input', what, {
        expected: 'whole numbers of pixels from 1 to 65535',
        received: `${size.width} x ${size.height}`,
      });
    }
  }
  return { width: size.width, height: size.height };
}

/** Refuses data that do not fill a size. @throws SegmentError `invalid-input` */
export function checkPixels(
  image: Size & { readonly data: ArrayLike<number> },
  what: string,
  channels: number,
): void {
  const { width, height } = checkSize(image, `the size of the ${what}`);
  const bytes = width * height * channels;
  if (image.data?.length === bytes) return;
  throw new SegmentError('invalid-input', `the pixels of a ${what} of ${width} x ${height}`, {
    expected: `${bytes} bytes`,
    received: `${image.data?.length}`,
  });
}

/** One axis of the mapping from pixels of the wanted size to samples of the network's output. */
export interface AxisSamples {
  /** Pixels before `begin` and from `end` on were not seen by the model. */
  readonly begin: number;
  readonly end: number;
  /** For each pixel the sample at its left (or top), never the last one where there are two. */
  readonly index: Int32Array;
  /** For each pixel the share of the next sample, 0 to 1. */
  readonly fraction: Float64Array;
}

/**
 * Where the pixels of one axis, `pixels` of them over the whole source, fall among `samples` output samples.
 * With p the pixel in source units: g = (p + 0.5) * rect / region - 0.5 + offset, then o = g * (samples - 1) / (grid - 1)
 * for corners or (g + 0.5) * samples / grid - 0.5 for half-pixel, clamped to the samples there are.
 */
export function sampleAxis(
  { source, region, rect, grid }: Placement,
  axis: 'x' | 'y',
  pixels: number,
  samples: number,
  align: Align,
): AxisSamples {
  const side = axis === 'x' ? 'width' : 'height';
  const index = new Int32Array(pixels);
  const fraction = new Float64Array(pixels);
  const seen: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const centre = ((pixel + 0.5) * source[side]) / pixels - region[axis];
    const g = (centre * rect[side]) / region[side] + rect[axis] - 0.5;
    if (centre >= 0 && centre < region[side] && g >= -0.5 && g < grid[side] - 0.5) seen.push(pixel);
    const o = snap(
      align === 'corners'
        ? (g * (samples - 1)) / Math.max(1, grid[side] - 1)
        : ((g + 0.5) * samples) / grid[side] - 0.5,
    );
    const clamped = Math.min(samples - 1, Math.max(0, o));
    const left = Math.max(0, Math.min(samples - 2, Math.floor(clamped)));
    index[pixel] = left;
    fraction[pixel] = clamped - left;
  }
  return { begin: seen[0] ?? 0, end: (seen.at(-1) ?? -1) + 1, index, fraction };
}

/** Takes the rounding of the divisions above away, so that a sample that is hit exactly is read alone. */
function snap(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-9 ? whole : value;
}
