import type { PixelImage, Size } from '@seg/core';

/** Small pictures side by side, each with its number. */

const COLUMNS = 4;
const GAP = 8;
/** How large a pixel of a digit is. */
const DOT = 5;

/** Digits of 3 x 5 dots, a row a character: 1, 2 and 4 are its dots from the right. */
const DIGITS = ['75557', '26227', '71747', '71717', '55711', '74717', '74757', '71122', '75757', '75717'];

/** The size that fits into `side` x `side` pixels. */
export function fitInto({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A smaller `rgb8` picture: each pixel is the mean of those it replaces. */
export function shrink(image: PixelImage, size: Size): PixelImage {
  const data = new Uint8Array(size.width * size.height * 3);
  for (let y = 0, to = 0; y < size.height; y++) {
    const [top, bottom] = range(y, image.height / size.height);
    for (let x = 0; x < size.width; x++) {
      const [left, right] = range(x, image.width / size.width);
      for (let channel = 0; channel < 3; channel++)
        data[to++] = mean(image, left, right, top, bottom, channel);
    }
  }
  return { format: 'rgb8', ...size, data };
}

function range(index: number, step: number): [from: number, to: number] {
  const from = Math.floor(index * step);
  return [from, Math.max(from + 1, Math.floor((index + 1) * step))];
}

function mean(
  { width, data }: PixelImage,
  left: number,
  right: number,
  top: number,
  bottom: number,
  channel: number,
): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) sum += data[(y * width + x) * 3 + channel] ?? 0;
  }
  return Math.round(sum / ((right - left) * (bottom - top)));
}

/** Lays `rgb8` pictures of one size out in rows, numbered from 1. */
export function contactSheet(pictures: readonly PixelImage[]): PixelImage {
  const { width: cellWidth = 1, height: cellHeight = 1 } = pictures[0] ?? {};
  const columns = Math.min(COLUMNS, Math.max(1, pictures.length));
  const width = columns * (cellWidth + GAP) + GAP;
  const height = Math.ceil(pictures.length / columns) * (cellHeight + GAP) + GAP;
  const sheet = {
    format: 'rgb8',
    width,
    height,
    data: new Uint8Array(width * height * 3).fill(255),
  } as const;
  pictures.forEach((picture, index) => {
    const x = GAP + (index % columns) * (cellWidth + GAP);
    const y = GAP + Math.floor(index / columns) * (cellHeight + GAP);
    paste(sheet, picture, x, y);
    drawNumber(sheet, index + 1, x, y);
  });
  return sheet;
}

function paste(sheet: PixelImage, { width, height, data }: PixelImage, x: number, y: number): void {
  for (let row = 0; row < height; row++) {
    const from = row * width * 3;
    sheet.data.set(data.subarray(from, from + width * 3), ((y + row) * sheet.width + x) * 3);
  }
}

/** White on black, in the corner. */
function drawNumber(sheet: PixelImage, number: number, x: number, y: number): void {
  const digits = [...`${number}`].map(Number);
  fill(sheet, x, y, (digits.length * 4 + 1) * DOT, 7 * DOT, 0);
  digits.forEach((digit, place) => {
    [...(DIGITS[digit] ?? '')].forEach((dots, row) => {
      for (let column = 0; column < 3; column++) {
        const isSet = (Number(dots) & (4 >> column)) !== 0;
        if (isSet) fill(sheet, x + (place * 4 + column + 1) * DOT, y + (row + 1) * DOT, DOT, DOT, 255);
      }
    });
  });
}

function fill(sheet: PixelImage, x: number, y: number, width: number, height: number, grey: number): void {
  for (let row = y; row < Math.min(y + height, sheet.height); row++) {
    const end = Math.min(x + width, sheet.width);
    sheet.data.fill(grey, (row * sheet.width + x) * 3, (row * sheet.width + end) * 3);
  }
}
