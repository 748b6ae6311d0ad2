import { Worker } from 'node:worker_threads';
import { abortable, createTypedArray, SegmentError } from '@seg/core';
import { unpackError } from '@seg/core/adapter';
import type { Engine, EngineOutput, EngineRequest } from './engine.ts';
import type { FeedData } from './vendor.ts';
import { silenceTelemetry } from './vendor.ts';
import { createGate, movable, shutGate, type WorkerReply, type WorkerRequest } from './worker-protocol.ts';

/** How long a leaving process waits for a run to end, ms. */
const EXIT_PATIENCE_MS = 10_000;

/** A living worker that has opened the model. */
interface Link {
  readonly accelerator: string;
  run(data: FeedData): Promise<EngineOutput>;
  close(): Promise<void>;
}

/**
 * Opens a file in a worker thread, which keeps this thread's event loop free. When the worker dies, its calls reject
 * with `runtime` and the next call starts another. It keeps the process alive only while it works.
 *
 * @throws SegmentError as `openEngine`; `invalid-input` when the options cannot be posted to a thread
 */
export async function openWorkerEngine(request: EngineRequest): Promise<Engine> {
  let live: Promise<Link> | null = null;
  const link = () => {
    live ??= connect(request, () => {
      live = null;
    });
    return live;
  };
  const run = async (data: FeedData, signal: AbortSignal | undefined) => {
    const worker = await link();
    signal?.throwIfAborted(); // an aborted call has given `data` back: look at it no more
    return worker.run(data);
  };
  const { accelerator } = await link();
  return {
    accelerator,
    run: (data, { signal } = {}) => abortable(run(data, signal), signal),
    async release() {
      await live?.then((worker) => worker.close()).catch(() => {}); // a dead worker has nothing left to release
    },
  };
}

async function connect(request: EngineRequest, onDeath: () => void): Promise<Link> {
  silenceTelemetry();
  const worker = new Worker(workerUrl(), { name: '@seg/onnx-node', execArgv: [] }); // `node --input-type` is not for files
  const gate = createGate();
  const ask = converse(worker, gate, onDeath);
  let spare: FeedData | undefined; // goes out filled and comes back empty: nothing large is allocated a call
  try {
    const { accelerator = '' } = await ask({ kind: 'open', request, gate });
    return {
      accelerator,
      async run(data) {
        const copy = spare ?? createTypedArray(request.model.variant.input.dtype, data.length);
        spare = undefined;
        copy.set(data);
        const reply = await ask({ kind: 'run', data: copy }, movable(copy));
        spare = reply.spare;
        if (reply.output === undefined) throw new SegmentError('runtime', 'the worker gave no output');
        return reply.output;
      },
      async close() {
        await ask({ kind: 'release' });
        await worker.terminate();
      },
    };
  } catch (error) {
    await worker.terminate();
    throw explainPosting(error);
  }
}

function explainPosting(cause: unknown): unknown {
  if (!(cause instanceof DOMException)) return cause;
  const hint = "Use mode: 'inline' with options that hold functions or devices";
  return new SegmentError(
    'invalid-input',
    `a worker thread cannot be sent these session options: ${cause.message}`,
    { hint, cause },
  );
}

/** Asks the worker and gets its replies in order; a dying worker rejects all that wait. */
function converse(worker: Worker, gate: Int32Array, onDeath: () => void) {
  const waiting: { resolve: (reply: WorkerReply) => void; reject: (error: unknown) => void }[] = [];
  const leave = () => shutGate(gate, EXIT_PATIENCE_MS);
  const next = () => {
    const call = waiting.shift();
    if (waiting.length === 0) {
      worker.unref();
      process.off('exit', leave);
    }
    return call;
  };
  let cause: unknown;
  worker.on('message', (reply: WorkerReply) => {
    if (reply.error === undefined) next()?.resolve(reply);
    else next()?.reject(unpackError(reply.error));
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', (code) => {
    onDeath();
    const hint = 'The next call starts a new one';
    const error = new SegmentError('runtime', `the worker thread of onnx-node ended (${code})`, {
      hint,
      cause,
    });
    while (waiting.length > 0) next()?.reject(error);
  });
  return (message: WorkerRequest, moved: readonly ArrayBuffer[] = []) =>
    new Promise<WorkerReply>((resolve, reject) => {
      worker.postMessage(message, moved);
      if (waiting.push({ resolve, reject }) > 1) return;
      worker.ref();
      process.on('exit', leave);
    });
}

/** worker.js beside this file, in the same flavour: .js, .cjs, or .ts in our own tests. */
function workerUrl(): URL {
  const extension = /\.\w+$/.exec(import.meta.url)?.[0] ?? '.js';
  return new URL(`./worker${extension}`, import.meta.url);
}
