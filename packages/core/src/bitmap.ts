/**
 * A mask in memory: `data` is [height, width], rows from the top, one byte a pixel; every byte but 0 is selected.
 * The `Mask` that `readMask` gives is one.
 */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}
