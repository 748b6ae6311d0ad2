import { type ClassMap, type Mask, type PixelImage, type Rgb, SegmentError } from '@seg/core';
import { checkPlane, checkSameSize, checkUpright } from './check-picture.ts';
import { paletteOf } from './palette.ts';

export interface OverlayOptions {
  /** How much of the label's colour: 0 none, 1 only; 0.5 by default. */
  readonly opacity?: number | undefined;
  /** Colour the background (index 0) too; by default it stays as it is. */
  readonly background?: boolean | undefined;
  /** One colour a label instead of the labels' own. */
  readonly colors?: readonly Rgb[] | undefined;
}

/**
 * Tints each pixel with the colour of its class. Borrows both; the caller owns the result, which has the image's size and
 * format (alpha is kept).
 *
 * @throws SegmentError `invalid-input` (sizes differ, an opacity outside 0 to 1, a picture that is stored turned)
 */
export function drawOverlay(
  image: PixelImage,
  classMap: Pick<ClassMap, 'width' | 'height' | 'data' | 'labels'>,
  options: OverlayOptions = {},
): PixelImage {
  const { opacity = 0.5, background = false, colors } = options;
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new SegmentError('invalid-input', 'opacity', { expected: '0 to 1', received: `${opacity}` });
  }
  checkUpright(image);
  checkPlane('a class map', classMap);
  checkSameSize('a class map', classMap, image);
  const { format, width, height, data } = image;
  const tables = blendTables(paletteOf(classMap.labels, colors), opacity, background);
  const out = new Uint8Array(data.length);
  tint(data, out, classMap.data, tables, format === 'rgba8' ? 4 : 3);
  return { format, width, height, data: out };
}

/** Every result that blending can have, 3 x 256 bytes a class: a look-up is cheaper than two products and a rounding. */
function blendTables(palette: Uint8Array, opacity: number, background: boolean): Uint8Array {
  const tables = new Uint8Array(256 * 3 * 256);
  for (let row = 0; row < palette.length; row++) {
    const share = row < 3 && !background ? 0 : opacity;
    const color = (palette[row] ?? 0) * share + 0.5; // 0.5 rounds
    for (let byte = 0; byte < 256; byte++) tables[row * 256 + byte] = byte * (1 - share) + color;
  }
  return tables;
}

function tint(
  from: PixelImage['data'],
  out: Uint8Array,
  classes: Uint8Array,
  tables: Uint8Array,
  channels: 3 | 4,
): void {
  for (let pixel = 0, i = 0; pixel < classes.length; pixel++, i += channels) {
    const table = (classes[pixel] ?? 0) * 768;
    out[i] = tables[table + (from[i] ?? 0)] ?? 0;
    out[i + 1] = tables[table + 256 + (from[i + 1] ?? 0)] ?? 0;
    out[i + 2] = tables[table + 512 + (from[i + 2] ?? 0)] ?? 0;
    if (channels === 4) out[i + 3] = from[i + 3] ?? 0;
  }
}

export interface CutoutOptions {
  /** The photo as it was where it was transparent (`Photo.transparent`): its colours are taken, and its alpha counts. */
  readonly transparent?: PixelImage | null | undefined;
}

/**
 * Cuts the selected part out: `rgba8` with straight alpha = the mask, times the photo's own alpha. What is wholly
 * transparent becomes black, so that the background is not hidden in the file but gone. Borrows its arguments; the caller
 * owns the result.
 *
 * @throws SegmentError `invalid-input` (sizes differ, a picture that is stored turned)
 */
export function drawCutout(
  image: PixelImage,
  mask: Pick<Mask, 'width' | 'height' | 'data'>,
  options: CutoutOptions = {},
): PixelImage {
  const source = options.transparent ?? image;
  checkUpright(source);
  checkPlane('a mask', mask);
  checkSameSize('a mask', mask, source);
  const { width, height, data } = source;
  const channels = source.format === 'rgba8' ? 4 : 3;
  const ownAlpha = options.transparent?.format === 'rgba8';
  const out = new Uint8Array(width * height * 4);
  for (let pixel = 0, from = 0, to = 0; pixel < mask.data.length; pixel++, from += channels, to += 4) {
    let alpha = mask.data[pixel] ?? 0;
    if (ownAlpha) alpha = Math.round((alpha * (data[from + 3] ?? 0)) / 255);
    if (alpha === 0) continue;
    out[to] = data[from] ?? 0;
    out[to + 1] = data[from + 1] ?? 0;
    out[to + 2] = data[from + 2] ?? 0;
    out[to + 3] = alpha;
  }
  return { format: 'rgba8', width, height, data: out };
}
