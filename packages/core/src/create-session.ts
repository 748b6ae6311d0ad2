import type { ModelVariant } from './card.ts';
import { inputShape, outputShape } from './check-recipe.ts';
import { isSegmentError, SegmentError } from './errors.ts';
import { withDisposeSymbol } from './owned.ts';
import { disposedError } from './queue.ts';
import type { Session } from './runtime.ts';
import { elementCount, type Tensor } from './tensor.ts';

/** What an adapter makes of an opened file: the least that only its vendor can do. */
export interface Engine {
  /** What really computes: see `Session.accelerator`. */
  readonly accelerator: string;
  /** Where its input tensors must live; `cpu` by default. */
  readonly location?: Tensor['location'];
  /**
   * Runs the network once. `input` has the card's element type and count, lives where `location` says, and is borrowed
   * until the promise settles. The result is the caller's: no later run touches its memory. Errors that are no
   * SegmentError are wrapped with the code `runtime`. Calls never overlap.
   */
  run(input: Tensor, signal: AbortSignal | undefined): Promise<Tensor>;
  /** Gives everything back; called once, when no run is in flight. */
  release(): void | Promise<void>;
}

/**
 * For adapters: gives an engine the contract's manners: checked input and output, runs one at a time, no result after an
 * abort, a disposal that waits. `runtime` is the adapter's name, for its errors.
 */
export function createAdapterSession(
  runtime: string,
  { input, output }: Pick<ModelVariant, 'input' | 'output'>,
  engine: Engine,
): Session {
  const expected = {
    location: engine.location ?? 'cpu',
    input: elementCount(inputShape({ input })),
    output: elementCount(outputShape({ output })),
  };
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | null = null;

  function requireInput(tensor: Tensor): void {
    const count = elementCount(tensor.shape);
    const { location, dtype } = tensor;
    if (location === expected.location && dtype === input.dtype && count === expected.input) return;
    throw new SegmentError('invalid-input', `${runtime} cannot run this tensor`, {
      expected: `${expected.input} elements of ${input.dtype}, location ${expected.location}`,
      received: `${dtype} [${tensor.shape}], location ${location}`,
    });
  }

  async function runNow(tensor: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    signal?.throwIfAborted();
    const raw = await engine.run(tensor, signal).catch(explain);
    const count = elementCount(raw.shape);
    if (!signal?.aborted && count === expected.output && raw.dtype === output.dtype) return raw;
    raw.dispose();
    signal?.throwIfAborted();
    throw new SegmentError('invalid-card', 'the output is not what the card says', {
      expected: `${count} elements of ${raw.dtype}, as the file gives [${raw.shape}]`,
      received: `${expected.output} of ${output.dtype}`,
    });
  }

  function explain(cause: unknown): never {
    if (isSegmentError(cause)) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new SegmentError('runtime', `${runtime} failed to run this model: ${said}`, { cause });
  }

  const session: Session = {
    accelerator: engine.accelerator,
    async run(tensor, { signal } = {}) {
      if (closing !== null) throw disposedError('session');
      signal?.throwIfAborted();
      requireInput(tensor);
      // an aborted run rejects when the vendor has ended it: until then it may read its input
      const running = last.then(() => runNow(tensor, signal));
      last = running.catch(() => {});
      return running;
    },
    dispose() {
      closing ??= last.then(() => engine.release());
      return closing;
    },
  };
  return withDisposeSymbol(session, 'asyncDispose');
}
