import { readFile } from 'node:fs/promises';
import {
  type AbortOptions,
  abortable,
  type ClassMap,
  type Mask,
  type PixelImage,
  type Rgb,
  SegmentError,
} from '@seg/core';
import sharp, { type Sharp } from 'sharp';
import { checkPlane, checkUpright } from './check-picture.ts';
import { ioError } from './io-error.ts';
import { paletteOf } from './palette.ts';
import { decodeIndexedPng, encodeIndexedPng, type IndexedPng } from './png.ts';

export interface EncodeClassMapOptions extends AbortOptions {
  /** One colour a label instead of the labels' own. */
  readonly colors?: readonly Rgb[] | undefined;
}

/**
 * A class map as an 8-bit palette PNG: its samples are the class indexes, its palette holds the labels' colours (and the
 * VOC colour map beyond them). Borrows the map; the caller owns the bytes.
 */
export async function encodeClassMap(
  classMap: Pick<ClassMap, 'width' | 'height' | 'data' | 'labels'>,
  options: EncodeClassMapOptions = {},
): Promise<Uint8Array> {
  const { width, height, data, labels } = classMap;
  checkPlane('a class map', classMap);
  const palette = paletteOf(labels, options.colors);
  return await abortable(encodeIndexedPng({ width, height, data, palette }), options.signal);
}

/** A mask as an 8-bit grey PNG: 255 = selected. Borrows the mask; the caller owns the bytes. */
export async function encodeMask(
  mask: Pick<Mask, 'width' | 'height' | 'data'>,
  options: AbortOptions = {},
): Promise<Uint8Array> {
  const { width, height, data } = mask;
  checkPlane('a mask', mask);
  const raw = { width, height, channels: 1 } as const;
  const encoded = sharp(data, { raw, limitInputPixels: false }).toColourspace('b-w').png();
  return await bytesOf(encoded, options.signal);
}

/** How to store a picture: PNG bit by bit, JPEG or WebP with a quality of 1 to 100 (90 by default). */
export type EncodeImageOptions = AbortOptions &
  ({ readonly format: 'png' } | { readonly format: 'jpeg' | 'webp'; readonly quality?: number | undefined });

/**
 * A picture as the bytes of a file. `rgba8` keeps its alpha in PNG and WebP. Borrows the picture; the caller owns the bytes.
 *
 * @throws SegmentError `invalid-input` (transparent pixels in JPEG, quality, a picture that is stored turned); or
 * `signal.reason`
 */
export async function encodeImage(image: PixelImage, options: EncodeImageOptions): Promise<Uint8Array> {
  options.signal?.throwIfAborted();
  checkUpright(image);
  const { width, height, data } = image;
  const channels = image.format === 'rgba8' ? 4 : 3;
  if (options.format === 'jpeg') checkOpaque(image);
  const pipeline = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  const encoded =
    options.format === 'png'
      ? pipeline.png()
      : pipeline.toFormat(options.format, { quality: qualityOf(options) });
  return await bytesOf(encoded, options.signal);
}

async function bytesOf(encoded: Sharp, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const bytes = await abortable(encoded.toBuffer(), signal);
    // a view, because Buffer.slice shares memory where Uint8Array.slice copies
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new SegmentError('invalid-input', 'the picture cannot be stored in this format', {
      hint: 'WebP holds at most 16383 pixels a side, JPEG 65535: make it smaller or use png',
      cause,
    });
  }
}

/** As for photos: nobody's annotation is larger, and a few bytes must not ask for gigabytes. */
const MAX_PIXELS = 64e6;

/**
 * Reads the palette indexes of an indexed PNG: a class map of {@link encodeClassMap}, or an annotation such as VOC's
 * (255 = not judged).
 *
 * @throws SegmentError `io`, `invalid-input` (not an indexed PNG, interlaced, damaged, cut off, above 64 million pixels)
 */
export async function readIndexedPng(source: string | Uint8Array): Promise<IndexedPng> {
  const name = typeof source === 'string' ? source : 'the picture';
  const bytes =
    typeof source === 'string'
      ? await readFile(source).catch((error: unknown) => {
          throw ioError('read', source, error);
        })
      : source;
  return await decodeIndexedPng(bytes, name, MAX_PIXELS);
}

function qualityOf({ quality = 90 }: { readonly quality?: number | undefined }): number {
  if (Number.isInteger(quality) && quality >= 1 && quality <= 100) return quality;
  throw new SegmentError('invalid-input', 'quality', {
    expected: 'a whole number from 1 to 100',
    received: `${quality}`,
  });
}

/** JPEG has no alpha: what was hidden would come to light. */
function checkOpaque({ format, data }: PixelImage): void {
  if (format !== 'rgba8') return;
  for (let i = 3; i < data.length; i += 4) {
    if (data[i] === 255) continue;
    throw new SegmentError('invalid-input', 'JPEG cannot store transparent pixels', {
      hint: 'Use png or webp',
    });
  }
}
