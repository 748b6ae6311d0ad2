import { abortable, type Orientation, SegmentError, type Size } from '@seg/core';
import { describeBytes } from './first-bytes.ts';
import { type PictureHeader, readPictureHeader } from './images-header.ts';

export interface DecodeOptions {
  /** What an error calls the file. */
  readonly name: string;
  readonly maxPixels: number;
  readonly signal: AbortSignal | undefined;
}

/** A decoded file. The caller closes the bitmap, and turns what it draws of it by `orientation`. */
export interface DecodedFile {
  readonly bitmap: ImageBitmap;
  readonly orientation: Orientation;
}

/**
 * Decodes a picture file with the browser's decoders. Takes the bytes over.
 *
 * @throws SegmentError `invalid-input` (no picture, a format that this browser does not decode, damaged or cut off, too
 * large), `unsupported` (no decoder here); or `signal.reason`
 */
export async function decodeFile(
  bytes: Uint8Array<ArrayBuffer>,
  { name, maxPixels, signal }: DecodeOptions,
): Promise<DecodedFile> {
  if (bytes.length === 0) throw new SegmentError('invalid-input', `${name} is empty`);
  const header = readPictureHeader(bytes);
  if (header.size !== null) checkSize(header.size, name, maxPixels);
  if (header.cutOff) throw notDecoded(bytes, header, name);
  const orientation = takeOrientation(bytes, header);
  const decoding = createImageBitmap(new Blob([bytes]), {
    premultiplyAlpha: 'none', // exact where it is laid over white
    colorSpaceConversion: header.plainColors ? 'none' : 'default',
  });
  try {
    return { bitmap: await abortable(decoding, signal), orientation };
  } catch (cause) {
    void decoding.then((late) => late.close()).catch(() => {});
    signal?.throwIfAborted();
    throw notDecoded(bytes, header, name, cause);
  }
}

/** @throws SegmentError `invalid-input` */
export function checkSize({ width, height }: Size, name: string, maxPixels: number): void {
  if (width * height === 0) {
    throw new SegmentError('invalid-input', `${name} has no pixels`, {
      expected: 'at least one',
      received: `${width} x ${height}`,
      hint: 'It is not loaded yet, closed, given away, or broken',
    });
  }
  if (width * height <= maxPixels) return;
  throw new SegmentError('invalid-input', `${name} is too large`, {
    expected: `at most ${maxPixels} pixels`,
    received: `${width * height} (${width} x ${height})`,
    hint: 'Make it smaller, or raise maxPixels',
  });
}

/** Takes the orientation out of the file, so that a browser that knows better one day does not turn it twice. */
function takeOrientation(bytes: Uint8Array<ArrayBuffer>, { orientation }: PictureHeader): Orientation {
  if (orientation === null) return 1;
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(orientation.at, 1, orientation.littleEndian);
  return orientation.value;
}

const EVERYWHERE = ['JPEG', 'PNG', 'WebP', 'GIF', 'BMP'];

function notDecoded(
  bytes: Uint8Array,
  { format }: PictureHeader,
  name: string,
  cause?: unknown,
): SegmentError {
  const hint = 'JPEG, PNG, WebP and GIF are read, AVIF where the browser does';
  const received = describeBytes(bytes);
  if (format === null) {
    return new SegmentError('invalid-input', `${name} is not a picture that can be read`, {
      received,
      hint,
      cause,
    });
  }
  if (EVERYWHERE.includes(format)) {
    const what = `it begins as a ${format} file, but not all pixels can be decoded`;
    return new SegmentError('invalid-input', `${name} is damaged or cut off: ${what}`, {
      received: `${bytes.length} bytes`,
      hint: 'Get the file again',
      cause,
    });
  }
  const what = `${name} is a file of the format ${format} that this browser does not decode`;
  return new SegmentError('invalid-input', what, { received, hint, cause });
}
