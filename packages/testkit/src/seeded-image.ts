import type { PixelImage } from '@seg/core';

const COLORS = [
  [220, 40, 40],
  [40, 200, 60],
  [50, 60, 220],
  [235, 225, 215],
] as const;

/**
 * A picture that comes out the same for the same seed everywhere: discs of the tiny models' colours over a dark ground,
 * with a little noise. Rgb8, the caller's; width and height in pixels.
 */
export function seededImage(width: number, height: number, seed: number): PixelImage {
  const random = createRandom(seed);
  const discs = COLORS.map((color) => ({
    color,
    x: random() * width,
    y: random() * height,
    radius: (0.15 + random() * 0.2) * Math.max(width, height),
  }));
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const disc = discs.find((each) => Math.hypot(x - each.x, y - each.y) < each.radius);
    const [red, green, blue] = disc?.color ?? [20, 24, 28];
    data.set([red + random() * 20, green + random() * 20, blue + random() * 20], at * 3);
  }
  return { format: 'rgb8', width, height, data };
}

/** Numbers in [0, 1) from a seed. Source: mulberry32, Tommy Ettinger, public domain. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
