import { SegmentError } from './errors.ts';
import type { Orientation } from './geometry.ts';
import { checkPixels } from './geometry.ts';

/**
 * Pixels in memory, rows from the top, 8 bits a channel, sRGB. `data` holds exactly `width * height * (3 or 4)` bytes.
 * Alpha is not looked at: compose a transparent picture over a colour first.
 * `orientation` is for raw frames whose pixels are stored turned; decoders of files have applied it already.
 */
export interface PixelImage {
  readonly format: 'rgb8' | 'rgba8';
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly orientation?: Orientation;
}

/** Bytes a pixel. */
export function channelCount(format: PixelImage['format']): 3 | 4 {
  return format === 'rgb8' ? 3 : 4;
}

/** Refuses what is not a {@link PixelImage}. @throws SegmentError `invalid-input` */
export function checkImage(image: PixelImage): void {
  // what is no object at all is refused as one without a format
  const { format, orientation = 1 }: Partial<PixelImage> = Object(image);
  if (format !== 'rgb8' && format !== 'rgba8') {
    throw new SegmentError('invalid-input', 'the image format', {
      expected: "'rgb8' or 'rgba8'",
      received: JSON.stringify(format) ?? typeof format,
      hint: 'Decode files first, for example with readPhoto of @seg/node.',
    });
  }
  checkPixels(image, `${format} image`, channelCount(format));
  if (!Number.isInteger(orientation) || orientation < 1 || orientation > 8) {
    throw new SegmentError('invalid-input', 'the image orientation', {
      expected: 'an EXIF orientation, 1 to 8',
      received: String(orientation),
    });
  }
}
