import { type AbortOptions, SegmentError } from '@seg/core';
import { unpackError } from '@seg/core/adapter';
import type { WorkerAnswers, WorkerCall, WorkerMessage, WorkerReply } from './worker-protocol.ts';

/** The page's end of one worker. */
export interface WorkerClient {
  /** False when the worker has ended, by itself or by `end()`. */
  readonly alive: boolean;
  /** An abort rejects at once with `signal.reason`; the worker is told, and what it makes all the same is freed. */
  ask<Call extends WorkerCall>(call: Call, options?: AskOptions): Promise<WorkerAnswers[Call['call']]>;
  free(tensor: number): void;
  /** Resolves when no call is waiting any more, nor one that was made of the answer to the last. */
  idle(): Promise<void>;
  /** Ends the worker; calls that wait reject. */
  end(): void;
}

interface AskOptions extends AbortOptions {
  readonly transfer?: Transferable[];
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** How long a worker may take to be there: its file comes over the network. */
const START_MS = 30_000;

/**
 * Talks to a worker made by `start`. When the worker dies, every waiting call rejects with `runtime`: an uncaught error
 * in it says so by an event; one that is killed or closes itself says nothing, so it holds a lock that we wait for.
 */
export function createWorkerClient(start: () => Worker, lock: string, explain: ExplainDeath): WorkerClient {
  const waiting = new Map<number, Waiting>();
  const asking = new Set<Promise<unknown>>();
  const ended = new AbortController();
  let count = 0;
  let started = false;
  const worker = start();

  function die(reason: unknown): void {
    if (ended.signal.aborted) return;
    ended.abort();
    clearTimeout(patience);
    worker.terminate();
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
  }

  // a file that is no worker of ours loads, and says nothing
  const patience = setTimeout(() => void explain('it says nothing').then(die, die), START_MS);

  worker.addEventListener('message', ({ data }: MessageEvent<WorkerReply>) => {
    started = true;
    clearTimeout(patience);
    if ('ready' in data) return;
    if ('held' in data) {
      watchLock(lock, ended.signal, () => die(endedError('it was ended')));
      return;
    }
    const call = waiting.get(data.number);
    waiting.delete(data.number);
    if ('error' in data) call?.reject(unpackError(data.error));
    else call?.resolve(data.answer);
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault(); // it is told to the callers
    const said = event.message || 'it does not load';
    if (started) die(endedError(said));
    else void explain(said).then(die, die);
  });
  worker.addEventListener('messageerror', () => die(endedError('a message could not be read')));

  function send(message: WorkerMessage, transfer: Transferable[] = []): void {
    worker.postMessage(message, transfer);
  }

  function ask(call: WorkerCall, { signal, transfer = [] }: AskOptions = {}): Promise<unknown> {
    if (ended.signal.aborted) return Promise.reject(endedError('it was ended'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const number = ++count;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        send({ abort: number });
        waiting.set(number, { resolve: (late) => freeLate(late, send), reject: () => {} });
        reject(signal?.reason);
      };
      const settle =
        <Value>(how: (value: Value) => void) =>
        (value: Value) => {
          signal?.removeEventListener('abort', giveUp);
          how(value);
        };
      waiting.set(number, { resolve: settle(resolve), reject: settle(reject) });
      signal?.addEventListener('abort', giveUp, { once: true });
      try {
        send({ number, ...call }, transfer);
      } catch (cause) {
        waiting.get(number)?.reject(notSent(cause));
        waiting.delete(number);
      }
    });
  }

  return {
    get alive() {
      return !ended.signal.aborted;
    },
    ask(call, options) {
      const answer = ask(call, options);
      asking.add(answer);
      const done = (): boolean => asking.delete(answer);
      answer.then(done, done);
      // biome-ignore lint/plugin: the host answers each call as WorkerAnswers says
      return answer as Promise<never>;
    },
    free(tensor) {
      if (!ended.signal.aborted) send({ free: tensor });
    },
    async idle() {
      while (asking.size > 0) {
        await Promise.allSettled(asking);
        await new Promise((resolve) => setTimeout(resolve));
      }
    },
    end: () => die(endedError('it was ended')),
  };
}

/** Says why a worker did not start. */
export type ExplainDeath = (said: string) => Promise<SegmentError>;

function endedError(said: string): SegmentError {
  return new SegmentError('runtime', `the worker ended: ${said}`, { hint: 'The next call starts a new one' });
}

function notSent(cause: unknown): SegmentError {
  return new SegmentError('invalid-input', 'a worker cannot be sent this', {
    received: cause instanceof Error ? cause.message : String(cause),
    hint: "Options that hold functions or devices need mode: 'inline'",
    cause,
  });
}

/** A tensor that comes for a call that was given up. */
function freeLate(answer: unknown, send: (message: WorkerMessage) => void): void {
  const made: unknown = Object(answer).tensor ?? answer;
  const id: unknown = Object(made).id;
  if (typeof id === 'number') send({ free: id });
}

/** Calls back when whoever holds the lock is gone. Where the page has no locks, only the worker's own events tell. */
function watchLock(name: string, signal: AbortSignal, onFree: () => void): void {
  void globalThis.navigator?.locks?.request(name, { signal }, async () => onFree()).catch(() => {});
}
