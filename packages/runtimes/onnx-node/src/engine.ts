import {
  type AbortOptions,
  createTypedArray,
  elementCount,
  type LoadedModel,
  SegmentError,
  type TypedArray,
} from '@seg/core';
import { outputShape, requireRecipe } from '@seg/core/adapter';
import {
  createOnnxSession,
  type FeedData,
  findProviders,
  firstLine,
  type OnnxSessionOptions,
  requireProviders,
  wantedProviders,
} from './vendor.ts';

/** What opening takes; it can be posted to a worker. */
export interface EngineRequest {
  readonly model: Pick<LoadedModel, 'variant' | 'parts'>;
  readonly options: OnnxSessionOptions;
}

export interface EngineOutput {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** An opened and checked file, in this thread or in a worker. */
export interface Engine {
  readonly accelerator: string;
  /** Borrows `data` until the promise settles. Rejects with `runtime` or `signal.reason`; `data` of the result is new. */
  run(data: FeedData, options?: AbortOptions): Promise<EngineOutput>;
  /** After the runs that were asked for before. */
  release(): Promise<void>;
}

/**
 * Opens a file in this thread.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `runtime`
 */
export async function openEngine({ model, options }: EngineRequest): Promise<Engine> {
  const { input, output } = model.variant;
  await requireProviders(options);
  const [bytes = new Uint8Array(), settings] = [model.parts[0], withExternalData(model, options)];
  const session = await createOnnxSession(bytes, settings);
  try {
    const feed = {
      name: input.name,
      dtype: input.dtype,
      shape: requireRecipe(session, model.variant, 'onnx-node'),
    };
    const blank = { ...feed, data: createTypedArray(input.dtype, elementCount(feed.shape)) };
    const wanted = wantedProviders(options);
    const ran = wanted.length === 0 ? ['cpu'] : await findProviders(bytes, settings, blank, output.name);
    requireRan(wanted, ran);
    return {
      accelerator: ran.join('+'),
      async run(data, { signal } = {}) {
        signal?.throwIfAborted();
        const result = await session.run({ ...feed, data }, output.name).catch(explainRunning);
        signal?.throwIfAborted();
        checkCount(result, elementCount(outputShape(model.variant)));
        return result;
      },
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Weights beside the file: its other parts, by their paths from the file's folder. */
function withExternalData(
  { variant, parts }: EngineRequest['model'],
  options: OnnxSessionOptions,
): OnnxSessionOptions {
  if (parts.length < 2) return options;
  const folder = variant.parts[0]?.path.replace(/[^/]*$/, '') ?? '';
  const data = parts.map((bytes, i) => ({
    path: variant.parts[i]?.path.slice(folder.length) ?? '',
    data: bytes,
  }));
  return { ...options, externalData: data.slice(1) };
}

function requireRan(wanted: readonly string[], ran: readonly string[]): void {
  if (wanted.length === 0 || ran.some((name) => name !== 'cpu')) return;
  throw new SegmentError(
    'unsupported',
    'no node of this model runs on the execution providers that were asked for',
    {
      expected: wanted.join(', '),
      received: ran.join(', '),
    },
  );
}

function explainRunning(cause: unknown): never {
  throw new SegmentError('runtime', `ONNX Runtime failed to run this model: ${firstLine(cause)}`, { cause });
}

function checkCount({ shape, data }: EngineOutput, count: number): void {
  if (data.length === count) return;
  throw new SegmentError('invalid-card', 'the output has another size than the card says', {
    expected: `${data.length} elements, as the file gives [${shape}]`,
    received: `${count}`,
  });
}
