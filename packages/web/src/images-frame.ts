import { type AbortOptions, abortable, type PixelImage, type Size } from '@seg/core';

/** Formats without alpha, 8 bits a channel. */
const OPAQUE = ['I420', 'I422', 'I444', 'NV12', 'RGBX', 'BGRX'];

const RGBA = { format: 'RGBA', colorSpace: 'srgb' } as const;

/**
 * A frame's pixels without a canvas, in half the time that drawing takes; null where a copy is not exactly what drawing
 * gives (alpha, turned or scaled frames) or the browser cannot convert.
 */
export async function copyFrame(frame: VideoFrame, { signal }: AbortOptions): Promise<PixelImage | null> {
  const size = frameSize(frame);
  const bytes = size.width * size.height * 4;
  if (!isPlain(frame) || !convertsTo(frame, bytes)) return null;
  const data = new Uint8ClampedArray(bytes);
  try {
    await abortable(frame.copyTo(data, RGBA), signal);
  } catch {
    signal?.throwIfAborted();
    return null; // drawing says what is wrong, should it fail too
  }
  return { format: 'rgba8', ...size, data };
}

/** Upright, and as wide as it is meant to be seen. */
export function frameSize({ displayWidth, displayHeight }: VideoFrame): Size {
  return { width: displayWidth, height: displayHeight };
}

function isPlain(frame: VideoFrame): boolean {
  const { format, visibleRect } = frame;
  const { width, height } = frameSize(frame);
  // younger than the types that we are compiled with
  const turned = Reflect.get(frame, 'rotation') || Reflect.get(frame, 'flip');
  return (
    OPAQUE.includes(format ?? '') && !turned && visibleRect?.width === width && visibleRect.height === height
  );
}

/** Browsers that convert nothing overlook the wish, and would copy planes. */
function convertsTo(frame: VideoFrame, bytes: number): boolean {
  try {
    return frame.allocationSize(RGBA) === bytes;
  } catch {
    return false;
  }
}
