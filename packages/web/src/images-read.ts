// How each kind of picture becomes pixels. Nothing that was lent is changed or closed.
import { abortable, fetchBytes, type Orientation, type PixelImage, SegmentError, type Size } from '@seg/core';
import { describeBytes, isMarkup } from './first-bytes.ts';
import type { DomSource, WorkingCanvas } from './images-canvas.ts';
import { checkSize, decodeFile } from './images-file.ts';
import { copyFrame, frameSize } from './images-frame.ts';
import { readPictureHeader } from './images-header.ts';
import { currentFrame } from './images-video.ts';

export interface ReadSettings {
  readonly maxPixels: number;
  readonly signal: AbortSignal | undefined;
  readonly canvas: WorkingCanvas;
}

export function drawImage(
  source: DomSource,
  { width, height }: Size,
  name: string,
  { canvas, maxPixels }: ReadSettings,
  orientation: Orientation = 1,
): PixelImage {
  const size = { width, height };
  checkSize(size, name, maxPixels);
  return canvas.read(source, size, name, orientation);
}

export async function readAddress(address: string, settings: ReadSettings): Promise<PixelImage> {
  const { bytes } = await fetchBytes(address, settings);
  const name = address.length > 120 ? `${address.slice(0, 120)}...` : address;
  if (readPictureHeader(bytes).format === null && isMarkup(bytes)) {
    throw new SegmentError('fetch', `a page came from ${name} in place of a picture`, {
      received: describeBytes(bytes),
      hint: 'Check the address: many servers answer unknown ones with their start page',
    });
  }
  return await readBytes(new Uint8Array(bytes), name, settings);
}

export async function readFile(file: Blob, settings: ReadSettings): Promise<PixelImage> {
  const name = file instanceof File && file.name !== '' ? `the file ${file.name}` : 'this file';
  const bytes = await abortable(file.arrayBuffer(), settings.signal).catch((cause: unknown) => {
    settings.signal?.throwIfAborted();
    throw new SegmentError('io', `${name} cannot be read`, {
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'It may have been moved or changed since it was chosen: choose it again',
      cause,
    });
  });
  return await readBytes(new Uint8Array(bytes), name, settings);
}

async function readBytes(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  settings: ReadSettings,
): Promise<PixelImage> {
  const { bitmap, orientation } = await decodeFile(bytes, { name, ...settings });
  return drawAndClose(bitmap, name, settings, orientation);
}

/** For bitmaps of our own. */
function drawAndClose(
  bitmap: ImageBitmap,
  name: string,
  settings: ReadSettings,
  orientation: Orientation = 1,
): PixelImage {
  try {
    return drawImage(bitmap, bitmap, name, settings, orientation);
  } finally {
    bitmap.close();
  }
}

export async function readElement(image: HTMLImageElement, settings: ReadSettings): Promise<PixelImage> {
  if (!image.complete) {
    await abortable(image.decode(), settings.signal).catch((cause: unknown) => {
      settings.signal?.throwIfAborted();
      throw notLoaded(image, cause);
    });
  }
  if (image.naturalWidth === 0) throw notLoaded(image);
  const size = { width: image.naturalWidth, height: image.naturalHeight };
  return drawImage(image, size, 'this image element', settings);
}

function notLoaded({ currentSrc }: HTMLImageElement, cause?: unknown): SegmentError {
  return new SegmentError('invalid-input', 'this image element shows no picture', {
    received: currentSrc === '' ? 'no address' : `${currentSrc.slice(0, 120)}, which did not load`,
    cause,
  });
}

export async function readVideo(video: HTMLVideoElement, settings: ReadSettings): Promise<PixelImage> {
  const frame = await currentFrame(video, settings);
  if (frame === null) {
    return drawImage(video, { width: video.videoWidth, height: video.videoHeight }, 'this video', settings);
  }
  try {
    return await readFrame(frame, settings, 'this video');
  } finally {
    frame.close();
  }
}

export async function readFrame(
  frame: VideoFrame,
  settings: ReadSettings,
  name = 'this VideoFrame',
): Promise<PixelImage> {
  const size = frameSize(frame);
  checkSize(size, name, settings.maxPixels);
  return (await copyFrame(frame, settings)) ?? drawImage(frame, size, name, settings);
}

export async function readImageData(image: ImageData, settings: ReadSettings): Promise<PixelImage> {
  const { width, data, colorSpace } = image;
  const height = data.length / 4 / width; // none where its memory was given away
  const name = 'this ImageData';
  checkSize({ width, height }, name, settings.maxPixels);
  // other colours, and the float pixels that our types do not know yet
  if (colorSpace !== 'srgb' || data.BYTES_PER_ELEMENT !== 1) {
    return drawAndClose(await createImageBitmap(image, { premultiplyAlpha: 'none' }), name, settings);
  }
  return { format: 'rgba8', width, height, data: isOpaque(data) ? data : overWhite(data) };
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

/** Lays straight-alpha pixels over white, rounding as `@seg/node` does. */
function overWhite(rgba: Uint8ClampedArray): Uint8Array {
  const over = new Uint8Array(rgba.length).fill(255);
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3] ?? 0;
    const white = 255 * (255 - alpha) + 127; // 127 rounds the division
    for (let c = i; c < i + 3; c++) over[c] = ((rgba[c] ?? 0) * alpha + white) / 255;
  }
  return over;
}
