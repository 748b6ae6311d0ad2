import { SegmentError } from './errors.ts';
import type { LabelSet, Rgb } from './labels.ts';

/**
 * The PASCAL VOC colour map: 256 colours, r, g, b each, so [256, 3] bytes; the caller owns them. Colour 0 is black, 15
 * (a person in VOC) is 192, 128, 128. Source: VOCdevkit, VOClabelcolormap.m.
 */
export function vocColorMap(): Uint8Array {
  return Uint8Array.from({ length: 256 * 3 }, (_, at) => vocChannel(Math.floor(at / 3), at % 3));
}

/**
 * The colour to draw a label in: the label set's own, or that of the VOC colour map. 0 to 255.
 *
 * @throws SegmentError `invalid-input` where `index` is no label index
 */
export function labelColor(labels: LabelSet, index: number): Rgb {
  if (!Number.isInteger(index) || index < 0 || index > 255) {
    throw new SegmentError('invalid-input', 'a label index', {
      expected: 'a whole number from 0 to 255',
      received: `${index}`,
    });
  }
  return labels.colors?.[index] ?? [vocChannel(index, 0), vocChannel(index, 1), vocChannel(index, 2)];
}

/** Bits 0, 3 and 6 of the index (and 1, 4, 7 for green, 2, 5 for blue) become the highest bits of the channel. */
function vocChannel(index: number, channel: number): number {
  let value = 0;
  for (let bit = 0; bit < 3; bit++) value |= ((index >> (3 * bit + channel)) & 1) << (7 - bit);
  return value;
}
