import { type AbortOptions, abortable, SegmentError } from '@seg/core';
import { absolute } from './absolute.ts';
import { isPixels } from './images.ts';
import { type BrowserImage, isKind } from './images-kinds.ts';
import { currentFrame } from './images-video.ts';

/** A picture on its way to a worker, and what moves with it. */
export interface Parcel {
  readonly image: BrowserImage;
  readonly transfer: Transferable[];
}

/**
 * What a worker can be sent of a picture: frames and bitmaps as clones, elements as bitmaps, files and addresses as they
 * are, so that decoding happens over there. The caller keeps its picture; with `transfer` an ImageBitmap is given away.
 *
 * @throws SegmentError `invalid-input` for what is no picture or not ready; or `signal.reason`
 */
export async function packImage(
  image: BrowserImage,
  { transfer, signal }: AbortOptions & { readonly transfer?: boolean | undefined } = {},
): Promise<Parcel> {
  if (typeof image === 'string' || isKind(image, 'URL')) {
    return { image: absolute(image), transfer: [] };
  }
  if (isPixels(image)) {
    const data = image.data.slice(); // only its own bytes, should it be a part of a larger buffer
    return { image: { ...image, data }, transfer: [data.buffer] };
  }
  if (isKind(image, 'Blob') || isKind(image, 'File')) return { image, transfer: [] };
  if (isKind(image, 'ImageData')) {
    if (image.data.length !== image.width * image.height * 4) {
      refuse('this ImageData has lost its pixels', 'They were given away: pass a copy')(undefined);
    }
    return { image, transfer: [] };
  }
  if (isKind(image, 'VideoFrame')) return moved(cloneFrame(image));
  if (isKind(image, 'HTMLVideoElement')) return moved(await frameOf(image, signal));
  if (isKind(image, 'ImageBitmap')) {
    if (image.width === 0)
      refuse('this ImageBitmap is closed', 'Close it after its segmentation has come')(undefined);
    return moved(transfer === true ? image : await bitmapOf(image));
  }
  if (isKind(image, 'HTMLImageElement')) await loaded(image, signal);
  return moved(await bitmapOf(image));
}

/** An element may never load: a lazy one that nobody scrolls to, a server that does not answer. */
async function loaded(image: HTMLImageElement, signal: AbortSignal | undefined): Promise<void> {
  const hint = 'Wait until it has loaded';
  if (!image.complete && image.loading === 'lazy')
    refuse('this lazy image has not been loaded', hint)(undefined);
  await abortable(image.decode(), signal).catch((cause: unknown) => {
    signal?.throwIfAborted();
    return refuse('the image element shows no picture', hint)(cause);
  });
}

/** Ends what was made for a call that is not sent after all. */
export function discardParcel({ transfer }: Parcel): void {
  for (const each of transfer) if ('close' in each && !(each instanceof MessagePort)) void each.close();
}

function moved(image: VideoFrame | ImageBitmap): Parcel {
  return { image, transfer: [image] };
}

function cloneFrame(frame: VideoFrame): VideoFrame {
  try {
    return frame.clone();
  } catch (cause) {
    return refuse('this VideoFrame is closed', 'Close it when its segmentation has come')(cause);
  }
}

/** The frame shown now. A VideoFrame shares its memory with the player where the engine can make one. */
async function frameOf(
  video: HTMLVideoElement,
  signal: AbortSignal | undefined,
): Promise<VideoFrame | ImageBitmap> {
  const frame = await currentFrame(video, { signal });
  return frame ?? bitmapOf(video);
}

async function bitmapOf(source: ImageBitmapSource): Promise<ImageBitmap> {
  return createImageBitmap(source).catch(
    refuse('this picture cannot be read', 'It needs a size, and pixels from this site or with CORS'),
  );
}

function refuse(message: string, hint: string): (cause: unknown) => never {
  return (cause) => {
    throw new SegmentError('invalid-input', message, {
      ...(cause instanceof Error && { received: cause.message }),
      hint,
      cause,
    });
  };
}
