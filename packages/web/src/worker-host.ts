import {
  type Runtime,
  type Segmentation,
  SegmentError,
  type Session,
  type Stages,
  type Tensor,
} from '@seg/core';
import { packError } from '@seg/core/adapter';
import type { BrowserImage } from './images.ts';
import type {
  RemoteSegmentation,
  RemoteTensor,
  WorkerAnswers,
  WorkerCall,
  WorkerMessage,
  WorkerReply,
} from './worker-protocol.ts';

/** One open model in this worker. */
interface Opened {
  readonly session: Session;
  readonly stages: Stages<BrowserImage>;
}

/**
 * What an adapter's worker file does: answers the page's calls with the runtime that `create` makes of the options that
 * the page sent. A worker serves one model; its tensors stay here, and only `read` moves bytes.
 */
export function serveRuntime<Options>(create: (options: Options) => Runtime<BrowserImage>): void {
  const tensors = createTensorTable();
  const aborts = new Map<number, AbortController>();
  let opened: Opened | null = null;
  let last: Promise<unknown> = Promise.resolve();

  function use(): Opened {
    if (opened === null) throw new SegmentError('disposed', 'no model is open in this worker');
    return opened;
  }

  async function answer(call: WorkerCall, signal: AbortSignal): Promise<WorkerAnswers[keyof WorkerAnswers]> {
    switch (call.call) {
      case 'probe':
        await holdLock(call.lock);
        post({ held: true }, null);
        // biome-ignore lint/plugin: the page's half of the same adapter made these options
        return create(call.options as Options).probe({ signal });
      case 'open': {
        await holdLock(call.lock);
        post({ held: true }, null);
        // biome-ignore lint/plugin: the page's half of the same adapter made these options
        opened = await create(call.options as Options).open(call.model, { signal });
        return { accelerator: opened.session.accelerator };
      }
      case 'prepare':
        return prepare(call.image, call.previous, signal);
      case 'run':
        return tensors.keep(await use().session.run(tensors.use(call.input), { signal }));
      case 'decode': {
        const { raw, placement, request } = call;
        return tensors.keep(await use().stages.decode(tensors.use(raw), placement, request, { signal }));
      }
      case 'read':
        // a copy, for it moves: a tensor may be read again, or decoded
        return (await tensors.use(call.tensor).read({ signal })).slice();
      case 'close':
        await opened?.session.dispose();
        return null;
    }
  }

  async function prepare(
    image: BrowserImage,
    previous: RemoteSegmentation | undefined,
    signal: AbortSignal,
  ): Promise<WorkerAnswers['prepare']> {
    const prepared = await use().stages.prepare(image, { signal, previous: previous && revive(previous) });
    return { tensor: tensors.keep(prepared.tensor), placement: prepared.placement };
  }

  /** Enough of a segmentation for stages to feed it back: they look at its output and where it lies. */
  function revive({ raw, placement }: RemoteSegmentation): Segmentation {
    const parts = { placement, raw: tensors.use(raw), timings: { prepare: 0, run: 0 } };
    // biome-ignore lint/plugin: stages take a segmentation for its raw output and placement alone
    return parts as unknown as Segmentation;
  }

  async function serve(message: { readonly number: number } & WorkerCall): Promise<void> {
    const abort = aborts.get(message.number) ?? new AbortController();
    const { number } = message;
    try {
      abort.signal.throwIfAborted();
      const result = await answer(message, abort.signal);
      post({ number, answer: result }, message.call === 'read' ? result : null);
    } catch (error) {
      postError(number, error);
    } finally {
      aborts.delete(number);
      // what crossed was a clone: the page keeps its own
      if (message.call === 'prepare') closeImage(message.image);
    }
  }

  /** One after the other, whatever becomes of each. */
  function inTurn(work: () => unknown): void {
    last = last.then(work).catch(() => {});
  }

  globalThis.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
    // what could not be carried over comes as null
    if (typeof data !== 'object' || data === null) return;
    if ('abort' in data) {
      aborts.get(data.abort)?.abort();
    } else if ('free' in data) {
      // in its turn: a call before it may still look at the tensor
      inTurn(() => tensors.free(data.free));
    } else {
      aborts.set(data.number, new AbortController());
      inTurn(() => serve(data));
    }
  });
  post({ ready: true }, null);
}

function closeImage(image: BrowserImage): void {
  if (typeof image === 'object' && 'close' in image) image.close();
}

/** A cause may be something of the vendor's that cannot be sent: then its words are. */
function postError(number: number, error: unknown): void {
  const packed = packError(error);
  try {
    post({ number, error: packed }, null);
  } catch {
    post({ number, error: { ...packed, cause: String(packed.cause) } }, null);
  }
}

/** Sends a reply; the elements of a read tensor move, they are the page's from here on. */
function post(reply: WorkerReply, elements: unknown): void {
  const moved =
    ArrayBuffer.isView(elements) && elements.buffer instanceof ArrayBuffer ? [elements.buffer] : [];
  // biome-ignore lint/plugin: lib.dom describes a page; in a worker the second argument is a transfer list
  (globalThis.postMessage as (message: WorkerReply, transfer: Transferable[]) => void)(reply, moved);
}

/**
 * Held as long as this worker lives: its page waits for it, and so learns at once when the worker is gone. Resolves when
 * it is held, and the page is told only then, so that it cannot be first.
 */
function holdLock(name: string): Promise<void> {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined) return Promise.resolve(); // insecure pages have none
  return new Promise((held) => {
    const refused = (): void => held(); // sandboxed pages: only the worker's own events tell there
    locks
      .request(name, () => {
        held();
        return new Promise(() => {});
      })
      .catch(refused);
  });
}

function createTensorTable() {
  const tensors = new Map<number, Tensor>();
  let count = 0;
  return {
    keep(tensor: Tensor): RemoteTensor {
      tensors.set(++count, tensor);
      return { id: count, dtype: tensor.dtype, shape: [...tensor.shape] };
    },
    use(id: number): Tensor {
      const tensor = tensors.get(id);
      if (tensor === undefined) throw new SegmentError('disposed', 'this tensor was disposed');
      return tensor;
    },
    free(id: number): void {
      tensors.get(id)?.dispose();
      tensors.delete(id);
    },
  };
}
