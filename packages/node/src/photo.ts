import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type AbortOptions, abortable, type PixelImage, SegmentError } from '@seg/core';
import sharp from 'sharp';
import { ioError } from './io-error.ts';
import { isCutOff, type PhotoFormat, SNIFF_BYTES, sniffFormat } from './photo-format.ts';

/** A decoded photo. The caller owns its pixels. */
export interface Photo {
  /** Upright, opaque, sRGB, `rgb8`: a transparent picture is laid over white. */
  readonly image: PixelImage;
  /** The same pixels as `rgba8` with straight alpha where any of them is transparent, else null. */
  readonly transparent: PixelImage | null;
  readonly format: PhotoFormat;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
}

export interface ReadPhotoOptions extends AbortOptions {
  /** Refuse larger pictures before anything is decoded; 64 million pixels by default. */
  readonly maxPixels?: number | undefined;
}

const READS = 'JPEG, PNG, WebP, AVIF, TIFF and GIF are read';

/**
 * Reads a photo from a file's path, a `file:` URL or the file's bytes: JPEG, PNG, WebP, AVIF, TIFF or the first frame of
 * a GIF, turned upright by its EXIF orientation, colour profiles converted to sRGB, 16 bits, CMYK, grey and palettes
 * brought to 8 bits a channel. Opaque sRGB PNGs come out bit by bit. Borrows bytes until it settles.
 *
 * @throws SegmentError `io` (no such file, a folder, no permission), `invalid-input` (not a picture, a format that is not
 * read, damaged or cut off, more than `maxPixels`); or `signal.reason`
 */
export async function readPhoto(
  source: string | URL | Uint8Array,
  options: ReadPhotoOptions = {},
): Promise<Photo> {
  const { maxPixels = 64e6, signal } = options;
  signal?.throwIfAborted();
  const name = nameOf(source);
  const bytes = source instanceof Uint8Array ? source : await readPictureFile(name, signal);
  const format = knownFormat(bytes, name);
  try {
    await checkSize(bytes, name, maxPixels, signal);
    return { format, ...(await decode(bytes, signal)) };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof SegmentError ? error : damaged(format, bytes, name, error);
  }
}

function nameOf(source: string | URL | Uint8Array): string {
  if (source instanceof Uint8Array) return 'the picture';
  const isFile = source instanceof URL ? source.protocol === 'file:' : !/^https?:/i.test(source);
  if (isFile) return source instanceof URL ? fileURLToPath(source) : source;
  throw new SegmentError('invalid-input', 'readPhoto reads files and bytes', {
    received: `the address ${source}`,
    hint: 'Fetch it first and pass its bytes',
  });
}

/** The first bytes are looked at before the rest is read: a film by mistake should not fill the memory. */
async function readPictureFile(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      if ((await file.stat()).isFile()) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
        knownFormat(buffer.subarray(0, bytesRead), path);
      }
      return await file.readFile(signal === undefined ? {} : { signal });
    } finally {
      await file.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof SegmentError ? error : ioError('read', path, error);
  }
}

function knownFormat(bytes: Uint8Array, name: string): PhotoFormat {
  if (bytes.length === 0) throw new SegmentError('invalid-input', `${name} is empty`, { hint: READS });
  const format = sniffFormat(bytes);
  if (format === null) {
    throw new SegmentError('invalid-input', `${name} is not a picture that can be read`, { hint: READS });
  }
  if (format !== 'heic') return format;
  throw new SegmentError('invalid-input', `${name} is a HEIC picture, which is not read`, {
    hint: `Convert it to JPEG first; ${READS}`,
  });
}

/** `error` tolerates what cameras get wrong (stray bytes between segments), but no missing pixels. */
const DECODER = { failOn: 'error', limitInputPixels: false } as const;

/** Reads only the header, so that a few bytes cannot ask for gigabytes. */
async function checkSize(
  bytes: Uint8Array,
  name: string,
  maxPixels: number,
  signal: AbortSignal | undefined,
) {
  const { width, height } = await abortable(sharp(bytes, DECODER).metadata(), signal);
  if (width * height <= maxPixels) return;
  throw new SegmentError('invalid-input', `${name} is too large`, {
    expected: `at most ${maxPixels} pixels`,
    received: `${width * height} (${width} x ${height})`,
    hint: 'Make it smaller, or raise maxPixels',
  });
}

async function decode(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<Omit<Photo, 'format'>> {
  const pipeline = sharp(bytes, DECODER).autoOrient().raw({ depth: 'uchar' });
  const { data, info } = await abortable(pipeline.toBuffer({ resolveWithObject: true }), signal);
  const { width, height, channels } = info;
  // a view, because Buffer.slice shares memory where Uint8Array.slice copies
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (channels === 3) {
    return { image: { format: 'rgb8', width, height, data: pixels }, transparent: null, width, height };
  }
  if (channels !== 4) {
    throw new SegmentError('invalid-input', `a picture with ${channels} channels`, {
      expected: '1 to 4 channels',
    });
  }
  const image: PixelImage = { format: 'rgb8', width, height, data: overWhite(pixels) };
  const transparent: PixelImage | null = isOpaque(pixels)
    ? null
    : { format: 'rgba8', width, height, data: pixels };
  return { image, transparent, width, height };
}

function isOpaque(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

/** Lays straight-alpha pixels over white; opaque ones come out as they are. */
function overWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3] ?? 0;
    const white = 255 * (255 - alpha) + 127; // 127 rounds the division
    rgb[to++] = ((rgba[from] ?? 0) * alpha + white) / 255;
    rgb[to++] = ((rgba[from + 1] ?? 0) * alpha + white) / 255;
    rgb[to++] = ((rgba[from + 2] ?? 0) * alpha + white) / 255;
  }
  return rgb;
}

function damaged(format: PhotoFormat, bytes: Uint8Array, name: string, error: unknown): SegmentError {
  const complaint = error instanceof Error ? error.message : String(error);
  const what = isCutOff(format, bytes, complaint) ? 'is cut off' : 'is damaged';
  const kind = format === 'gif' ? 'GIF' : format === 'webp' ? 'WebP' : format.toUpperCase();
  return new SegmentError(
    'invalid-input',
    `${name} ${what}: it begins as a ${kind} file, but not all pixels can be decoded`,
    {
      hint: 'Get the file again',
      cause: error,
    },
  );
}
