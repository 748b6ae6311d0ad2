import type { Bitmap } from './bitmap.ts';
import { SegmentError } from './errors.ts';
import { checkPixels } from './geometry.ts';

/**
 * A mask as COCO's uncompressed run lengths: the pixels column by column, each from the top; `counts` begins with the
 * number of pixels that are not selected (0 where the first one is), then the runs take turns.
 */
export interface CocoRle {
  /** Height, then width, in pixels. */
  readonly size: readonly [height: number, width: number];
  readonly counts: readonly number[];
}

/** A {@link CocoRle} whose counts are written as COCO's text, as pycocotools reads and writes it. */
export interface CompressedRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/**
 * A mask as run lengths. The caller owns the result. Source of the format: COCO API, common/maskApi.c, rleEncode.
 *
 * @throws SegmentError `invalid-input` where data and size disagree
 */
export function encodeRle(bitmap: Bitmap): CocoRle {
  checkPixels(bitmap, 'bitmap', 1);
  const { width, height, data } = bitmap;
  const counts: number[] = [];
  let selected = false;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let at = x; at < data.length; at += width) {
      if ((data[at] !== 0) !== selected) {
        counts.push(run);
        run = 0;
        selected = !selected;
      }
      run++;
    }
  }
  counts.push(run);
  return { size: [height, width], counts };
}

/**
 * Writes the counts as text: each as the difference to the count two before it (from the fourth on), five bits a
 * character, the lowest first, two's complement, in the characters "0" to "o".
 * Source: COCO API, common/maskApi.c, rleToString.
 *
 * @throws SegmentError `invalid-input` where the counts do not fill the size
 */
export function compressRle(rle: CocoRle): CompressedRle {
  const counts = checkedCounts(rle);
  let text = '';
  counts.forEach((count, index) => {
    let rest = index > 2 ? count - (counts[index - 2] ?? 0) : count;
    for (let more = true; more; ) {
      const bits = rest & 31;
      rest >>= 5;
      more = (bits & 16) === 0 ? rest !== 0 : rest !== -1;
      text += String.fromCharCode((more ? bits | 32 : bits) + 48);
    }
  });
  return { size: rle.size, counts: text };
}

/**
 * The mask that run lengths stand for; 255 = selected. The caller owns it.
 *
 * @throws SegmentError `invalid-input` where the counts are no counts or do not fill the size
 */
export function decodeRle(rle: CocoRle | CompressedRle): Bitmap {
  const counts = checkedCounts(rle);
  const [height, width] = rle.size;
  const data = new Uint8Array(width * height);
  let pixel = 0;
  counts.forEach((count, index) => {
    for (const end = pixel + count; pixel < end; pixel++) {
      if (index % 2 === 1) data[(pixel % height) * width + Math.floor(pixel / height)] = 255;
    }
  });
  return { width, height, data };
}

function checkedCounts({ size, counts }: CocoRle | CompressedRle): readonly number[] {
  const [height, width] = size;
  const list = typeof counts === 'string' ? parseCounts(counts) : counts;
  const area = width * height;
  const sized =
    Number.isInteger(width) && Number.isInteger(height) && width > 0 && area > 0 && area < 2 ** 31;
  const whole = list.every((count) => Number.isInteger(count) && count >= 0);
  const sum = list.reduce((total, count) => total + count, 0);
  if (sized && whole && sum === area) return list;
  throw new SegmentError('invalid-input', `the counts of a run-length mask of ${width} x ${height} pixels`, {
    expected: 'whole numbers whose sum is that of the pixels, fewer than 2^31',
    received: whole ? `the sum ${sum}` : 'others',
  });
}

/** Source: COCO API, common/maskApi.c, rleFrString. */
function parseCounts(text: string): number[] {
  const counts: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const code = character.charCodeAt(0) - 48;
    if (code < 0 || code > 63 || shift > 30) refuseText(`"${character}" after ${counts.length} counts`);
    value |= (code & 31) << shift;
    shift += 5;
    if ((code & 32) !== 0) continue;
    if ((code & 16) !== 0 && shift < 32) value |= -1 << shift;
    counts.push(value + (counts.length > 2 ? (counts[counts.length - 2] ?? 0) : 0));
    value = 0;
    shift = 0;
  }
  if (shift > 0) refuseText('half a count');
  return counts;
}

function refuseText(received: string): never {
  throw new SegmentError('invalid-input', 'the text of a compressed run-length mask', {
    expected: 'the characters "0" to "o"',
    received,
  });
}
