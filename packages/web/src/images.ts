import { type AbortOptions, checkImage, type PixelImage, SegmentError } from '@seg/core';
import { createWorkingCanvas } from './images-canvas.ts';
import { type BrowserImage, isKind, kindOf } from './images-kinds.ts';
import {
  drawImage,
  type ReadSettings,
  readAddress,
  readElement,
  readFile,
  readFrame,
  readImageData,
  readVideo,
} from './images-read.ts';

export type { BrowserImage } from './images-kinds.ts';

/** Options of {@link createImageReader} and {@link readImage}. */
export interface ImageReaderOptions {
  /** Refuse larger pictures, files before they are decoded where their beginning tells; 64 million pixels by default. */
  readonly maxPixels?: number | undefined;
}

/** Reads one picture after the other through the same canvas. The caller disposes it. */
export interface ImageReader {
  /** As {@link readImage}. */
  read(image: BrowserImage, options?: AbortOptions): Promise<PixelImage>;
  /** Gives the canvas's memory back; a later read makes a new one. */
  dispose(): void;
}

/**
 * Reads a picture's pixels: upright (EXIF, a frame's rotation), opaque (transparent ones are laid over white), sRGB,
 * `rgba8`. Files give what `readPhoto` of `@seg/node` gives: the same bytes for opaque sRGB in Chromium, within 1 for other
 * RGB profiles and AVIF; CMYK is converted in the browser's own way. Image elements give what they show: of a file that is
 * cut off, the part that came. What is made belongs to the caller; a PixelImage is handed through, and so is the memory
 * of opaque sRGB ImageData.
 *
 * @throws SegmentError `invalid-input` (no picture, not loaded, without pixels, closed, of another origin without CORS,
 * damaged, too large), `fetch` (addresses), `io` (files that cannot be read), `unsupported` (no canvas: in Node use
 * readPhoto of `@seg/node`), `runtime`; or `signal.reason`
 */
export async function readImage(
  image: BrowserImage,
  options: AbortOptions & ImageReaderOptions = {},
): Promise<PixelImage> {
  const reader = createImageReader(options);
  try {
    return await reader.read(image, options);
  } finally {
    reader.dispose();
  }
}

/** For many pictures, those of a video for example: keeps its canvas, and allocates nothing large but each result. */
export function createImageReader({ maxPixels = 64e6 }: ImageReaderOptions = {}): ImageReader {
  const canvas = createWorkingCanvas();
  return {
    async read(image, { signal } = {}) {
      signal?.throwIfAborted();
      return await readAny(image, { maxPixels, signal, canvas });
    },
    dispose: canvas.dispose,
  };
}

async function readAny(image: BrowserImage, settings: ReadSettings): Promise<PixelImage> {
  if (isPixels(image)) return image;
  requireBrowser(image);
  if (typeof image === 'string' || isKind(image, 'URL')) return await readAddress(String(image), settings);
  if (isKind(image, 'Blob') || isKind(image, 'File')) return await readFile(image, settings);
  if (isKind(image, 'VideoFrame')) return await readFrame(image, settings);
  if (isKind(image, 'HTMLVideoElement')) return await readVideo(image, settings);
  if (isKind(image, 'HTMLImageElement')) return await readElement(image, settings);
  if (isKind(image, 'ImageData')) return await readImageData(image, settings);
  return drawImage(image, image, `this ${kindOf(image)}`, settings);
}

const KINDS = [
  ...['String', 'URL', 'Blob', 'File', 'VideoFrame', 'HTMLVideoElement', 'HTMLImageElement', 'ImageData'],
  ...['ImageBitmap', 'HTMLCanvasElement', 'OffscreenCanvas'],
];

/** @throws SegmentError `invalid-input` for what is no picture of any kind */
export function isPixels(image: BrowserImage): image is PixelImage {
  const kind = kindOf(image);
  if (isKind(image, 'ImageData') || KINDS.includes(kind)) return false;
  if (typeof image === 'object' && image !== null && 'data' in image) {
    checkImage(image);
    return true;
  }
  throw new SegmentError('invalid-input', 'this is not a picture', {
    expected: `pixels as { format, width, height, data }, an address, or one of ${KINDS.slice(1).join(', ')}`,
    received: kind,
  });
}

/** @throws SegmentError `unsupported` in Node, also where a test's DOM stands in for a browser's */
function requireBrowser(image: BrowserImage): void {
  if (typeof createImageBitmap === 'function') return;
  throw new SegmentError('unsupported', `${kindOf(image)} pictures are read in browsers only`, {
    hint: 'In Node, read files with readPhoto of @seg/node and pass its image.',
  });
}
