import { SegmentError } from './errors.ts';

/** Runs tasks one at a time, in order. */
export interface Queue {
  /** Waits for its turn, then runs. A task that still waits when `signal` aborts rejects at once and never starts. */
  run<Result>(task: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
  /** Rejects waiting and later tasks with `disposed`; resolves when the one in work has ended. */
  close(): Promise<void>;
}

interface Waiting {
  readonly start: (release: () => void) => Promise<void>;
  readonly reject: (reason: unknown) => void;
}

/** `owner` is the noun that `disposed` errors name. */
export function createQueue(owner: string): Queue {
  const waiting: Waiting[] = [];
  let working: Promise<void> | null = null;
  let closed = false;

  function next(): void {
    if (working !== null) return;
    working =
      waiting.shift()?.start(() => {
        working = null;
        next();
      }) ?? null;
  }

  return {
    run(task, signal) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(disposedError(owner));
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal?.reason);
        };
        const stopListening = (): void => signal?.removeEventListener('abort', onAbort);
        const entry: Waiting = {
          // released before it settles: who was waiting for the result finds the queue free
          async start(release) {
            stopListening();
            const settle = await task().then(
              (result) => () => resolve(result),
              (reason) => () => reject(reason),
            );
            release();
            settle();
          },
          reject(reason) {
            stopListening();
            reject(reason);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(entry);
        next();
      });
    },
    async close() {
      closed = true;
      for (const entry of waiting.splice(0)) entry.reject(disposedError(owner));
      await working;
    },
  };
}

export function disposedError(owner: string): SegmentError {
  return new SegmentError('disposed', `this ${owner} was disposed`, { hint: 'Create a new one.' });
}
