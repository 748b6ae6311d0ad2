import { SegmentError } from './errors.ts';

/**
 * A mask in memory: `data` is [height, width], rows from the top, one byte a pixel; every byte but 0 is selected.
 * The `Mask` that `readMask` gives is one.
 */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Checks that a bitmap's data fill its size.
 *
 * @throws SegmentError `invalid-input`
 */
export function checkBitmap({ width, height, data }: Bitmap): void {
  const sized = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (sized && data.length === width * height) return;
  throw new SegmentError('invalid-input', 'a bitmap', {
    expected: sized ? `${width} x ${height} bytes` : 'a width and a height of at least one pixel',
    received: sized ? `${data.length} bytes` : `${width} x ${height}`,
  });
}
