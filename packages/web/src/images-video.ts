import { type AbortOptions, abortable, SegmentError } from '@seg/core';
import { otherOrigin } from './images-canvas.ts';

const WAIT_MS = 1000;

/**
 * The frame that a video shows, for the caller to close; null where the browser makes none: then it is drawn. Chromium
 * calls a video ready a moment before it has a picture, and drawing it then draws nothing, without an error: the
 * frame is waited for, up to a second.
 *
 * @throws SegmentError `invalid-input` (no frame yet, of another origin without CORS); or `signal.reason`
 */
export async function currentFrame(
  video: HTMLVideoElement,
  { signal }: AbortOptions = {},
): Promise<VideoFrame | null> {
  if (video.readyState === 0 || video.videoWidth === 0) throw noFrame(video);
  for (const start = performance.now(); ; ) {
    try {
      // one that seeks or begins again has its next frame in a moment
      if (video.readyState < 2) throw new DOMException('no frame', 'InvalidStateError');
      return typeof VideoFrame === 'function' ? new VideoFrame(video) : null;
    } catch (cause) {
      const kind = cause instanceof Error ? cause.name : '';
      if (kind === 'SecurityError') throw otherOrigin('this video', cause);
      if (kind !== 'InvalidStateError') return null;
      if (performance.now() > start + WAIT_MS) throw noFrame(video, cause);
    }
    await abortable(new Promise((again) => setTimeout(again, 5)), signal);
  }
}

function noFrame({ readyState, videoWidth, videoHeight }: HTMLVideoElement, cause?: unknown): SegmentError {
  return new SegmentError('invalid-input', 'this video shows no frame yet', {
    expected: 'readyState 2 or more, and a picture',
    received: `readyState ${readyState}, ${videoWidth} x ${videoHeight}`,
    hint: "Wait for its loadeddata or seeked event; one outside of the document wants preload = 'auto' or play()",
    cause,
  });
}
