import { describe, expect, test } from 'vitest';
import type { Bitmap } from '../src/bitmap.ts';
import { type CompressedRle, compressRle, decodeRle, encodeRle } from '../src/rle.ts';
import { disc, drawBitmap, noise, textBitmap } from './bitmaps.ts';

/** Each text was worked out by hand from rleToString in COCO's maskApi.c; see the comments. */
const KNOWN: { name: string; bitmap: Bitmap; counts: number[]; text: string }[] = [
  {
    name: 'nothing selected',
    bitmap: textBitmap('....', '....', '....', '....'),
    counts: [16],
    text: '`0', // 16 = 10000b: bit 4 would read as a sign, so 16 | 32 = 48 -> "`", then 0 -> "0"
  },
  {
    name: 'all selected',
    bitmap: textBitmap('####', '####', '####', '####'),
    counts: [0, 16],
    text: '0`0',
  },
  {
    name: 'column by column',
    bitmap: textBitmap('#.', '.#'),
    counts: [0, 1, 2, 1],
    text: '0120', // the fourth count is written as 1 - 1 = 0
  },
  {
    name: 'a smaller count after a larger one',
    bitmap: textBitmap('.##.', '.#..', '####'),
    counts: [2, 5, 1, 1, 2, 1],
    text: '251L10', // 1 - 5 = -4 = ...11100b: bit 4 is set and the rest is -1, so 28 -> "L"; 2 - 1, 1 - 1
  },
];

test.each(KNOWN)('$name: counts and text as pycocotools', ({ bitmap, counts, text }) => {
  const rle = encodeRle(bitmap);
  expect(rle).toEqual({ size: [bitmap.height, bitmap.width], counts });
  expect(compressRle(rle)).toEqual({ size: rle.size, counts: text });
  expect(decodeRle(rle)).toEqual(bitmap);
  expect(decodeRle({ size: rle.size, counts: text })).toEqual(bitmap);
});

describe('round trips', () => {
  const bitmaps = [
    drawBitmap(120, 90, disc(60, 45, 40)),
    drawBitmap(1, 1, () => true),
    drawBitmap(1, 300, (_, y) => y > 100),
    drawBitmap(300, 1, (x) => x > 100),
    drawBitmap(1920, 1080, (x, y) => x > 1500 && y > 600),
    ...[0.02, 0.5, 0.98].map((share, seed) => drawBitmap(61, 47, noise(seed, share))),
  ];

  test.each(bitmaps)('$width x $height', (bitmap) => {
    const rle = encodeRle(bitmap);
    expect(decodeRle(rle)).toEqual(bitmap);
    const compressed = compressRle(rle);
    expect(compressed.counts).toMatch(/^[0-o]*$/);
    expect(decodeRle(compressed)).toEqual(bitmap);
  });

  test('any byte but 0 is selected', () => {
    const soft = { width: 3, height: 1, data: new Uint8ClampedArray([1, 0, 200]) };
    expect([...decodeRle(encodeRle(soft)).data]).toEqual([255, 0, 255]);
  });

  test('empty runs, as other writers leave them, change nothing', () => {
    const rle = { size: [2, 2], counts: [0, 0, 1, 2, 0, 0, 1] } as const;
    expect([...decodeRle(rle).data]).toEqual([0, 255, 255, 0]);
    expect(decodeRle(compressRle(rle))).toEqual(decodeRle(rle));
  });
});

describe('refuses', () => {
  const size = [4, 4] as const;
  test.each<[string, readonly [number, number], number[] | string]>([
    ['counts that do not fill the size', size, [3, 4]],
    ['counts that overflow the size', size, [3, 14]],
    ['a negative count', size, [20, -4]],
    ['half a pixel', size, [15.5, 0.5]],
    ['no size', [0, 4], []],
    ['a size that no memory holds', [2 ** 20, 2 ** 20], [2 ** 40]],
    ['a text that ends inside a count', size, '`'],
    ['a strange character', size, '`0~'],
    ['a text that does not fill the size', size, '10'],
    ['a count without end', size, 'ooooooooooooo'],
  ])('%s', (_, wrongSize, counts) => {
    // the two forms differ in `counts` alone
    const rle = { size: wrongSize, counts } as CompressedRle;
    expect(() => decodeRle(rle)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  test('a bitmap whose data do not fill it', () => {
    const bitmap = { width: 2, height: 2, data: new Uint8Array(3) };
    expect(() => encodeRle(bitmap)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});
