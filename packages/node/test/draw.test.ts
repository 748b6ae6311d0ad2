import type { PixelImage } from '@seg/core';
import { describe, expect, test } from 'vitest';
import { drawCutout, drawOverlay } from '../src/draw.ts';
import { noise } from './helpers.ts';

const LABELS = {
  id: 'three',
  names: ['background', 'cat', 'dog'],
  colors: [
    [9, 9, 9],
    [255, 128, 0],
    [0, 64, 255],
  ],
} as const;

const [width, height] = [31, 17];
const image: PixelImage = { format: 'rgb8', width, height, data: noise(width * height * 3) };
const rgba: PixelImage = { format: 'rgba8', width, height, data: noise(width * height * 4, 3) };
const data = Uint8Array.from(noise(width * height, 7), (byte) => byte % 3);
const classMap = { width, height, data, labels: LABELS };
const mask = { width, height, data: noise(width * height, 9) };

/** The slow and obvious one. */
function blend({ data: pixels, format }: PixelImage, opacity: number, background: boolean): number[] {
  const channels = format === 'rgb8' ? 3 : 4;
  return Array.from(pixels, (byte, i) => {
    const index = data[Math.floor(i / channels)] ?? 0;
    if (i % channels === 3 || (index === 0 && !background)) return byte;
    return Math.round(byte * (1 - opacity) + (LABELS.colors[index]?.[i % channels] ?? 0) * opacity);
  });
}

describe('overlay', () => {
  test.each([
    [0.5, false],
    [0.5, true],
    [0, true],
    [1, false],
    [0.25, true],
  ])('opacity %d, background %s, as a plain loop draws it', (opacity, background) => {
    for (const source of [image, rgba]) {
      const drawn = drawOverlay(source, classMap, { opacity, background });
      expect(drawn).toMatchObject({ format: source.format, width, height });
      const wrong = [...drawn.data].filter(
        (byte, i) => byte !== blend(source, opacity, background)[i] && i < 200,
      );
      expect(wrong).toEqual([]);
      expect([...drawn.data]).toEqual(blend(source, opacity, background));
    }
  });

  test('half the colour and the background left alone by default; the picture is not touched', () => {
    const before = image.data.slice();
    expect([...drawOverlay(image, classMap).data]).toEqual(blend(image, 0.5, false));
    expect(image.data).toEqual(before);
  });

  test('other colours', () => {
    const drawn = drawOverlay(image, classMap, {
      opacity: 1,
      background: true,
      colors: [
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 3],
      ],
    });
    expect([...drawn.data]).toEqual([...data].flatMap((index) => [index + 1, index + 1, index + 1]));
  });

  test('refusals', () => {
    const small = { ...classMap, width: 10, height: 10, data: new Uint8Array(100) };
    expect(() => drawOverlay(image, small)).toThrow("expected 31 x 17, the picture's, received 10 x 10");
    for (const opacity of [-0.1, 1.1, Number.NaN]) {
      expect(() => drawOverlay(image, classMap, { opacity })).toThrow('opacity: expected 0 to 1');
    }
    expect(() => drawOverlay({ ...image, orientation: 3 }, classMap)).toThrow('stored turned');
    expect(() => drawOverlay(image, { ...classMap, data: new Uint8Array(5) })).toThrow('expected 527 bytes');
  });
});

describe('cut-out', () => {
  test('alpha is the mask, colours stay, and what is hidden is gone', () => {
    const drawn = drawCutout(image, mask);
    expect(drawn).toMatchObject({ format: 'rgba8', width, height });
    const expected = Array.from(mask.data, (alpha, i) =>
      alpha === 0 ? [0, 0, 0, 0] : [...image.data.subarray(i * 3, i * 3 + 3), alpha],
    );
    expect(mask.data.includes(0)).toBe(true);
    expect([...drawn.data]).toEqual(expected.flat());
  });

  test('a transparent photo keeps its own colours, and its alpha counts', () => {
    const drawn = drawCutout(image, mask, { transparent: rgba });
    const expected = Array.from(mask.data, (selected, i) => {
      const alpha = Math.round((selected * (rgba.data[i * 4 + 3] ?? 0)) / 255);
      return alpha === 0 ? [0, 0, 0, 0] : [...rgba.data.subarray(i * 4, i * 4 + 3), alpha];
    });
    expect([...drawn.data]).toEqual(expected.flat());
    expect(drawCutout(image, mask, { transparent: null }).data).toEqual(drawCutout(image, mask).data);
  });

  test("an rgba8 image's alpha is not looked at", () => {
    const drawn = drawCutout(rgba, { width, height, data: new Uint8Array(width * height).fill(255) });
    expect([...drawn.data].filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  });

  test('refusals', () => {
    expect(() => drawCutout(image, { width: 1, height: 1, data: new Uint8Array(1) })).toThrow(
      'received 1 x 1',
    );
    expect(() => drawCutout({ ...image, orientation: 8 }, mask)).toThrow('stored turned');
  });
});
