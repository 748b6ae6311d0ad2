import type { AbortOptions } from './owned.ts';
import type { Segmentation } from './segmentation.ts';
import type { Segmenter } from './segmenter.ts';

/** A frame handed back: with its segmentation, which the caller owns, or dropped because a newer one came. */
export type Segmented<Image> =
  | { readonly image: Image; readonly dropped: false; readonly segmentation: Segmentation }
  | { readonly image: Image; readonly dropped: true };

/**
 * Segments frames as they come; the newest wins. A frame that is still waiting when the next one comes is handed back
 * as dropped, at once. Frames stay the caller's: each one read comes back exactly once while the loop goes on.
 * Leaving the loop ends `frames` and disposes the segmentation in work.
 *
 * @throws what `frames` or `segment` throws; `signal.reason`
 */
export async function* segmentFrames<Image>(
  segmenter: Segmenter<Image>,
  frames: AsyncIterable<Image>,
  { signal }: AbortOptions = {},
): AsyncGenerator<Segmented<Image>, void, undefined> {
  const ready: Segmented<Image>[] = [];
  const waiting: Image[] = [];
  const bell = createBell();
  const state: { ended: boolean; working: Promise<void> | null; failure: { reason: unknown } | null } = {
    ended: false,
    working: null,
    failure: null,
  };
  const fail = (reason: unknown): void => {
    state.failure ??= { reason };
    bell.ring();
  };
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();

  function startNewest(): void {
    const image = state.working === null ? waiting.pop() : undefined;
    if (image === undefined) return;
    const finish = (): void => {
      state.working = null;
      bell.ring();
    };
    state.working = segmenter
      .segment(image, { signal })
      .then((segmentation) => void ready.push({ image, dropped: false, segmentation }), fail)
      .then(finish);
  }

  const iterator = frames[Symbol.asyncIterator]();
  async function pump(): Promise<void> {
    try {
      while (state.failure === null && !state.ended) {
        const { done, value } = await iterator.next();
        if (done === true || state.ended) break;
        for (const image of waiting.splice(0)) ready.push({ image, dropped: true });
        waiting.push(value);
        startNewest();
        bell.ring();
      }
    } catch (error) {
      fail(error);
    }
    state.ended = true;
    bell.ring();
  }

  void pump();
  try {
    for (;;) {
      if (state.failure !== null) throw state.failure.reason;
      const next = ready.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      startNewest();
      if (state.ended && state.working === null) return;
      await bell.wait();
    }
  } finally {
    state.ended = true;
    signal?.removeEventListener('abort', onAbort);
    // not awaited: a camera that gives no more frames would hold the loop's end back
    void iterator.return?.().then(undefined, () => undefined);
    await state.working;
    for (const item of ready) if (!item.dropped) item.segmentation.dispose();
  }
}

/** A doorbell: `wait()` resolves at the next `ring()`, or at once when it rang since the last wait. */
function createBell(): { ring(): void; wait(): Promise<void> } {
  let rang = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rang = true;
      wake?.();
    },
    async wait() {
      if (!rang) await new Promise<void>((resolve) => (wake = resolve));
      rang = false;
      wake = null;
    },
  };
}
