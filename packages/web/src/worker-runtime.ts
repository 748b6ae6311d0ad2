import {
  type LoadedModel,
  type Runtime,
  SegmentError,
  type Session,
  type Stages,
  type Tensor,
  withDisposeSymbol,
} from '@seg/core';
import type { BrowserImage } from './images-kinds.ts';
import type { WorkerClient } from './worker-client.ts';
import { connect, type WorkerRuntimeOptions } from './worker-connect.ts';
import { discardParcel, packImage } from './worker-image.ts';
import type { RemoteTensor } from './worker-protocol.ts';

/**
 * A runtime whose whole pipeline lives in a worker, one for each open model: pictures go in, handles come out (location
 * `worker`), and only `read...` moves bytes. A worker that dies rejects its calls with `runtime`, and the next call
 * starts another.
 */
export function createWorkerRuntime(worker: WorkerRuntimeOptions): Runtime<BrowserImage> {
  const { name, format, provides = [], source } = worker;
  return {
    name,
    format,
    provides,
    source,
    async probe({ signal } = {}) {
      if (typeof Worker === 'undefined') return { ok: false, reason: NO_WORKERS };
      let client: WorkerClient | null = null;
      try {
        const connected = connect(worker);
        client = connected.client;
        const { lock } = connected;
        return await client.ask({ call: 'probe', options: worker.options, lock }, { signal });
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      } finally {
        client?.end();
      }
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      if (typeof Worker === 'undefined') throw new SegmentError('unsupported', NO_WORKERS);
      const link = createLink(worker, model);
      const { accelerator } = await link.first(signal);
      return { session: remoteSession(accelerator, link), stages: remoteStages(link) };
    },
  };
}

const NO_WORKERS = "there are no workers here: ask for mode: 'inline'";

/** The way to the worker that has the model open; a new one after the last has died. */
interface Link {
  first(signal: AbortSignal | undefined): Promise<{ readonly accelerator: string }>;
  client(): Promise<WorkerClient>;
  /** @throws SegmentError `disposed` when the session was ended */
  requireOpen(): void;
  /** @throws SegmentError `disposed` when the worker was ended */
  requireWorker(): void;
  /** Ends the session over there, after what is under way; tensors that are still out stay readable. */
  close(): Promise<void>;
  /** Ends the worker, and with it all that it holds. */
  end(): void;
}

function createLink(worker: WorkerRuntimeOptions, model: LoadedModel): Link {
  // only what stages and sessions look at; the bytes are kept to start again after a crash
  const { card, variant, parts } = model;
  let live: { client: WorkerClient; opening: Promise<{ readonly accelerator: string }> } | null = null;
  let closing: Promise<void> | null = null;
  let ended = false;

  function open(signal?: AbortSignal): NonNullable<typeof live> {
    if (live?.client.alive === true) return live;
    const { client, lock } = connect(worker);
    const opening = client.ask(
      { call: 'open', options: worker.options, lock, model: { card, variant, parts } },
      { signal },
    );
    opening.catch(() => client.end());
    live = { client, opening };
    return live;
  }

  function requireOpen(): void {
    if (closing !== null) throw new SegmentError('disposed', 'this session was disposed');
  }

  return {
    first: (signal) => open(signal).opening,
    requireOpen,
    async client() {
      requireOpen();
      const { client, opening } = open();
      await opening;
      return client;
    },
    close() {
      closing ??= close();
      return closing;
    },
    requireWorker() {
      if (ended) throw new SegmentError('disposed', 'the segmenter that this belongs to was disposed');
    },
    end() {
      ended = true;
      closing ??= Promise.resolve();
      live?.client.end();
    },
  };

  async function close(): Promise<void> {
    if (live?.client.alive !== true) return;
    await live.client.idle();
    await live.client.ask({ call: 'close' }).catch(() => {}); // a dead worker has nothing left to end
  }
}

/** A tensor that lives in a worker. */
interface WorkerTensor extends Tensor {
  readonly location: 'worker';
  readonly link: Link;
  readonly client: WorkerClient;
  /** Its number over there. @throws SegmentError `disposed` */
  use(): number;
}

function remoteTensor(link: Link, client: WorkerClient, { id, dtype, shape }: RemoteTensor): WorkerTensor {
  let live = true;
  const use = (): number => {
    if (live) return id;
    throw new SegmentError('disposed', 'this tensor was disposed');
  };
  const tensor: WorkerTensor = {
    location: 'worker',
    dtype,
    shape,
    link,
    client,
    use,
    async read({ signal } = {}) {
      link.requireWorker();
      return client.ask({ call: 'read', tensor: use() }, { signal });
    },
    dispose() {
      if (live) client.free(id);
      live = false;
    },
  };
  return withDisposeSymbol(tensor, 'dispose');
}

/** Where a tensor is, and its number there. */
function locate(tensor: Tensor, link: Link): { readonly client: WorkerClient; readonly number: number } {
  link.requireWorker();
  if (isWorkerTensor(tensor) && tensor.link === link) {
    const number = tensor.use();
    if (tensor.client.alive) return { client: tensor.client, number };
    throw new SegmentError('runtime', 'this tensor was in a worker that has ended', {
      hint: 'Segment the picture again',
    });
  }
  throw new SegmentError('invalid-input', 'this worker cannot use this tensor', {
    expected: 'one that its own stages or session gave',
    received: `one on ${tensor.location}`,
  });
}

function isWorkerTensor(tensor: Tensor): tensor is WorkerTensor {
  return tensor.location === 'worker' && 'link' in tensor;
}

function remoteSession(accelerator: string, link: Link): Session {
  const session: Session = {
    accelerator,
    async run(input, { signal } = {}) {
      link.requireOpen();
      const { client, number } = locate(input, link);
      return remoteTensor(link, client, await client.ask({ call: 'run', input: number }, { signal }));
    },
    dispose: () => link.close(),
  };
  return withDisposeSymbol(session, 'asyncDispose');
}

function remoteStages(link: Link): Stages<BrowserImage> {
  return {
    async prepare(image, { signal, previous, transfer } = {}) {
      signal?.throwIfAborted();
      const client = await link.client();
      const last = previous && {
        raw: locate(previous.raw, link).number,
        placement: previous.placement,
      };
      const parcel = await packImage(image, { transfer, signal });
      const call = { call: 'prepare', image: parcel.image, previous: last } as const;
      const { tensor, placement } = await client
        .ask(call, { signal, transfer: parcel.transfer })
        .catch((error: unknown) => {
          discardParcel(parcel); // nothing happens to what has crossed
          throw error;
        });
      return { tensor: remoteTensor(link, client, tensor), placement };
    },
    async decode(raw, placement, request, { signal } = {}) {
      signal?.throwIfAborted();
      const { client, number } = locate(raw, link);
      const decoded = await client.ask({ call: 'decode', raw: number, placement, request }, { signal });
      return remoteTensor(link, client, decoded);
    },
    dispose: () => link.end(),
  };
}
