import { SegmentError } from '@seg/core';

/** Stands for a GPU device that the caller owns and lends. */
export interface FakeDevice {
  readonly isDestroyed: boolean;
  readonly isLost: boolean;
  destroy(): void;
  /** As when a driver resets: pending and later work rejects with `device-lost`. */
  lose(): void;
  /** Calls back when it is lost; returns what takes the call back. */
  onLost(listener: () => void): () => void;
}

export function createFakeDevice(): FakeDevice {
  const listeners = new Set<() => void>();
  let isDestroyed = false;
  let isLost = false;
  return {
    get isDestroyed() {
      return isDestroyed;
    },
    get isLost() {
      return isLost;
    },
    destroy() {
      isDestroyed = true;
    },
    lose() {
      isLost = true;
      for (const listener of listeners) listener();
    },
    onLost(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Waits `delayMs`; rejects at once with `signal.reason`, or with `device-lost`. */
export function waitFor(
  delayMs: number,
  signal: AbortSignal | undefined,
  device: FakeDevice | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const lost = () => end(() => reject(new SegmentError('device-lost', 'the fake device was lost')));
    const aborted = () => end(() => reject(signal?.reason));
    const timer = setTimeout(() => end(resolve), delayMs);
    const forget = device?.onLost(lost);
    signal?.addEventListener('abort', aborted);
    function end(settle: () => void): void {
      clearTimeout(timer);
      forget?.();
      signal?.removeEventListener('abort', aborted);
      settle();
    }
    if (device?.isLost) lost();
  });
}
