import type { Bitmap } from '../src/bitmap.ts';

/** A bitmap from a rule that says which pixels are selected. */
export function drawBitmap(
  width: number,
  height: number,
  isSelected: (x: number, y: number) => boolean,
): Bitmap {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = isSelected(x, y) ? 255 : 0;
  }
  return { width, height, data };
}

/** A bitmap from rows of text: "#" is selected. */
export function textBitmap(...rows: string[]): Bitmap {
  return drawBitmap(rows[0]?.length ?? 0, rows.length, (x, y) => rows[y]?.[x] === '#');
}

export function disc(x: number, y: number, radius: number): (x: number, y: number) => boolean {
  return (column, row) => (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 < radius ** 2;
}

/** Noise from a seed (mulberry32): each pixel is selected with this probability. */
export function noise(seed: number, probability: number): () => boolean {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < probability;
  };
}

export function countSelected({ data }: Bitmap): number {
  let count = 0;
  for (const byte of data) count += byte === 0 ? 0 : 1;
  return count;
}
