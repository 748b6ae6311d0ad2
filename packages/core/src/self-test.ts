import type { SelfTest } from './card.ts';
import type { PixelImage } from './image.ts';
import type { AbortOptions } from './owned.ts';
import type { Segmenter } from './segmenter.ts';
import { readClassMap } from './views.ts';

/** Side of the picture that {@link createSelfTestImage} draws, in pixels. */
const SIDE = 128;

/** Cells of 256 that may differ: rounding at a boundary, not a wrong network. */
const DIFFERING_CELLS = 5;

/**
 * A picture that every engine draws alike from a seed, whole numbers only: a figure (head, hair, shoulders) in random
 * colours before a random two-coloured ground. Rgb8, 128 x 128, the caller's.
 */
export function createSelfTestImage(seed: number): PixelImage {
  const next = createRandom(seed);
  const color = (): number[] => [next(256), next(256), next(256)];
  const [sky, ground, hair, skin, clothes] = [color(), color(), color(), color(), color()];
  const centre = 40 + next(48);
  const top = 24 + next(24);
  const radius = 14 + next(12);
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at += 3) {
      const dx = x - centre;
      const dy = y - top - radius;
      const head = dx * dx * 5 + dy * dy * 3 < radius * radius * 4;
      const body = y > top + radius * 2 && dx * dx * 2 < (y - top - radius) * radius * 4;
      const part = head ? (dy * 2 < -radius ? hair : skin) : body ? clothes : y * 2 < SIDE ? sky : ground;
      for (let channel = 0; channel < 3; channel++) {
        data[at + channel] = Math.min(255, (part[channel] ?? 0) + next(9));
      }
    }
  }
  return { format: 'rgb8', width: SIDE, height: SIDE, data };
}

/** FNV-1a, 32 bits, of a picture's bytes. Source: the FNV reference (offset basis and prime of 32 bits). */
export function imageChecksum({ data }: PixelImage): number {
  let hash = 0x811c9dc5;
  for (const byte of data) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Runs a card's self-test: null when it passes, else what was wrong, in words. */
export async function runSelfTest(
  segmenter: Segmenter,
  { seed, checksum, classes16x16 }: SelfTest,
  { signal }: AbortOptions = {},
): Promise<string | null> {
  const image = createSelfTestImage(seed);
  if (imageChecksum(image) !== checksum) return null; // the card was made with another picture: it proves nothing here
  const segmentation = await segmenter.segment(image, { signal });
  try {
    const { data } = await readClassMap(segmentation, { size: { width: 16, height: 16 }, signal });
    const differing = data.reduce((count, label, cell) => count + (label === classes16x16[cell] ? 0 : 1), 0);
    return differing <= DIFFERING_CELLS
      ? null
      : `it computes ${segmenter.model.id} wrongly here (${differing} of 256 cells of the self-test differ)`;
  } finally {
    segmentation.dispose();
  }
}

/** Mulberry32: small, well spread, the same in every engine. Returns a whole number below `limit`. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
