import { expect, test } from 'vitest';
import { labelColor, vocColorMap } from '../src/voc-colors.ts';

const names = ['background', 'person'];

/** The first 21 colours and the border's, as printed in the VOC 2012 development kit. */
const PRINTED: [number, number, number, number][] = [
  [0, 0, 0, 0],
  [1, 128, 0, 0],
  [2, 0, 128, 0],
  [3, 128, 128, 0],
  [4, 0, 0, 128],
  [5, 128, 0, 128],
  [6, 0, 128, 128],
  [7, 128, 128, 128],
  [8, 64, 0, 0],
  [9, 192, 0, 0],
  [10, 64, 128, 0],
  [11, 192, 128, 0],
  [12, 64, 0, 128],
  [13, 192, 0, 128],
  [14, 64, 128, 128],
  [15, 192, 128, 128],
  [16, 0, 64, 0],
  [17, 128, 64, 0],
  [18, 0, 192, 0],
  [19, 128, 192, 0],
  [20, 0, 64, 128],
  [255, 224, 224, 192],
];

test.each(PRINTED)('colour %d is %d, %d, %d', (index, ...color) => {
  expect([...vocColorMap().subarray(index * 3, index * 3 + 3)]).toEqual(color);
  expect(labelColor({ id: 'x', names }, index)).toEqual(color);
});

test('256 colours, all different', () => {
  const map = vocColorMap();
  expect(map).toHaveLength(768);
  const colors = new Set(
    Array.from({ length: 256 }, (_, index) => map.subarray(index * 3, index * 3 + 3).join()),
  );
  expect(colors.size).toBe(256);
});

test('a label set may bring its own colours, for some labels', () => {
  const labels = { id: 'x', names, colors: [[9, 8, 7]] } as const;
  expect(labelColor(labels, 0)).toEqual([9, 8, 7]);
  expect(labelColor(labels, 1)).toEqual([128, 0, 0]);
});

test.each([-1, 256, 1.5, Number.NaN])('refuses the index %d', (index) => {
  expect(() => labelColor({ id: 'x', names }, index)).toThrow(
    expect.objectContaining({ code: 'invalid-input' }),
  );
});
