import { type Orientation, type Size, uprightSize } from '../geometry.ts';
import { channelCount, type PixelImage } from '../image.ts';

/** Upright pixels in stored memory: the red byte of (x, y) is at `origin + x * stepX + y * stepY`. */
export interface Pixels extends Size {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly origin: number;
  readonly stepX: number;
  readonly stepY: number;
}

/**
 * Reads an image upright without moving a byte: each EXIF orientation is a start and two strides.
 * Source: EXIF 2.32, tag 0x0112 (which side of the scene the stored first row and column are).
 */
export function uprightPixels(image: PixelImage): Pixels {
  const { data, width, height, orientation = 1 } = image;
  const step = channelCount(image.format);
  const row = width * step;
  const right = (width - 1) * step;
  const bottom = (height - 1) * row;
  const walks: Record<Orientation, readonly [origin: number, stepX: number, stepY: number]> = {
    1: [0, step, row],
    2: [right, -step, row],
    3: [right + bottom, -step, -row],
    4: [bottom, step, -row],
    5: [0, row, step],
    6: [bottom, -row, step],
    7: [right + bottom, -row, -step],
    8: [right, row, -step],
  };
  const [origin, stepX, stepY] = walks[orientation];
  return { data, ...uprightSize(image, orientation), origin, stepX, stepY };
}
