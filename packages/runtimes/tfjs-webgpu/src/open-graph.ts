import {
  abortable,
  elementCount,
  isSegmentError,
  type LoadedModel,
  type ModelVariant,
  SegmentError,
} from '@seg/core';
import { type FileValue, requireRecipe } from '@seg/core/adapter';
import type { BackendLease } from './backend.ts';
import { loadGraph } from './load-graph.ts';
import { firstLine, type GraphModel, type TfTensor } from './vendor.ts';

/** A graph that has run once. */
export interface OpenGraph {
  /** The shape to feed. */
  readonly shape: number[];
  /** Ends `input`; the output is the caller's. Never waits for a GPU. */
  execute(input: TfTensor): TfTensor;
  dispose(): void;
}

/**
 * Loads a model, holds it against its card and runs it once on zeros: what is lacking shows at the door.
 *
 * @throws SegmentError `invalid-input` (no such model), `invalid-card`, `unsupported` (inputs, operators, kernels, this
 * GPU), `runtime`
 */
export async function openGraph(lease: BackendLease, model: LoadedModel): Promise<OpenGraph> {
  const { variant } = model;
  const graph = loadGraph(lease, model);
  try {
    const shape = [...requireRecipe(describe(graph, variant), variant, 'tfjs-webgpu')];
    const execute = (input: TfTensor): TfTensor => executeGraph(lease, graph, variant, input);
    const output = await tryOnce(lease, graph, () => execute(zeros(lease, shape)));
    requireRecipe(describe(graph, variant, output), variant, 'tfjs-webgpu');
    return { shape, execute, dispose: () => graph.dispose() };
  } catch (error) {
    graph.dispose();
    throw error;
  }
}

/** On a GPU in a buffer, as real input is: small tensors of its own tfjs would keep and compute on the CPU. */
function zeros({ tf, gpu }: BackendLease, shape: number[]): TfTensor {
  if (gpu === null) return tf.zeros(shape);
  const buffer = gpu.device.createBuffer({ size: elementCount(shape) * 4, usage: AS_TFJS_USES });
  const copy = tf.tensor({ buffer }, shape, 'float32');
  buffer.destroy();
  return copy;
}

/** `GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST`, which stand only in browsers: tfjs reuses buffers of these alone. */
const AS_TFJS_USES = 0x8c;

/** What a graph takes and gives. Of its outputs only a run tells; before that, the card is believed. */
function describe(
  graph: GraphModel,
  { output }: ModelVariant,
  found: Pick<FileValue, 'dtype' | 'shape'> = { dtype: output.dtype, shape: [] },
): { readonly inputs: FileValue[]; readonly outputs: FileValue[] } {
  return {
    inputs: graph.inputs.map(({ shape, dtype }, i) => ({
      name: graph.inputNodes[i] ?? '',
      dtype: dtype ?? 'float32',
      shape: (shape ?? []).map((length) => (length < 0 ? null : length)),
    })),
    outputs: graph.outputNodes.map((name) => ({ name, ...found })),
  };
}

function executeGraph(
  lease: BackendLease,
  graph: GraphModel,
  { input: { name }, output }: ModelVariant,
  input: TfTensor,
): TfTensor {
  const { tf, accelerator, gpu, lost } = lease;
  const run = () => graph.execute({ [name]: input }, output.name);
  try {
    lost.throwIfAborted();
    if (tf.getBackend() !== accelerator) {
      throw new SegmentError('runtime', "somebody has changed tfjs's back end", {
        expected: accelerator,
        received: tf.getBackend(),
      });
    }
    const [made] = [gpu === null ? run() : runOnGpu(lease, run)].flat();
    if (made === undefined) throw new SegmentError('runtime', `the graph gave no output "${output.name}"`);
    return made;
  } finally {
    input.dispose();
  }
}

/**
 * Where an operator takes a value that a shader has made, tfjs would wait for the GPU, and on some lose the device.
 *
 * @throws SegmentError `unsupported`
 */
function runOnGpu<Result>(lease: BackendLease, run: () => Result): Result {
  const backend = lease.tf.backend();
  const { readSync } = backend;
  const tensors: { get(id: object): { readonly values?: unknown } | undefined } = Reflect.get(
    backend,
    'tensorMap',
  );
  backend.readSync = (id) => {
    if (tensors.get(id)?.values) return readSync.call(backend, id); // it never left the CPU
    throw new SegmentError('unsupported', 'an operator of this model needs a value back from the GPU', {
      hint: "Use accelerator: 'wasm'",
    });
  };
  try {
    return run();
  } catch (error) {
    zeros(lease, [1]).dispose(); // hands in what was recorded before: with the next run it would spoil that
    throw error;
  } finally {
    Reflect.deleteProperty(backend, 'readSync');
  }
}

const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;

/** Runs the graph for the first time, and says what its output is. */
async function tryOnce(
  { accelerator, gpu, lost }: BackendLease,
  graph: GraphModel,
  execute: () => TfTensor,
): Promise<Pick<FileValue, 'dtype' | 'shape'>> {
  // a shader that a GPU does not take gives zeros, and says so to the device alone
  for (const scope of SCOPES) gpu?.device.pushErrorScope(scope);
  const tried = attempt(() => {
    const output = execute();
    if (gpu !== null) output.dataToGPU().tensorRef.dispose(); // hands it to the queue
    output.dispose();
    return output;
  });
  const errors = gpu === null ? [] : SCOPES.map(() => gpu.device.popErrorScope());
  const said = (await abortable(Promise.all(errors), lost)).find((error) => error);
  if ('failed' in tried) throw explain(tried.failed, graph, accelerator);
  if (said) throw refusal('this GPU cannot run this model', said.message);
  return tried.made;
}

function attempt<Made>(work: () => Made): { readonly made: Made } | { readonly failed: unknown } {
  try {
    return { made: work() };
  } catch (failed) {
    return { failed };
  }
}

function explain(cause: unknown, graph: GraphModel, accelerator: string): SegmentError {
  if (isSegmentError(cause)) return cause;
  const said = firstLine(cause);
  if (/^Unknown op /.test(said)) {
    return refusal('tfjs does not know operators of this model', unknownOperators(graph).join(', '), cause);
  }
  if (/not registered for backend/.test(said)) {
    return refusal(`tfjs's back end ${accelerator} lacks an operator of this model`, said, cause);
  }
  if (/dynamic op/.test(said))
    return refusal('this model has control flow, or sizes that are computed', said, cause);
  return new SegmentError('runtime', `tfjs fails to run this model: ${said}`, { cause });
}

function refusal(message: string, received: string, cause?: unknown): SegmentError {
  return new SegmentError('unsupported', message, { received, cause });
}

/** All at once: tfjs stops at the first. An operator that it knows has a category. */
function unknownOperators(graph: GraphModel): string[] {
  const { nodes, functions }: GraphParts = Object(Object(Reflect.get(graph, 'executor')).graph);
  const all = [{ nodes }, ...Object.values(functions ?? {})].flatMap((each) =>
    Object.values(each.nodes ?? {}),
  );
  return [...new Set(all.filter(({ category }) => category === undefined).map(({ op }) => op))];
}

/** What of tfjs's own graph is looked at; its types keep it private. */
interface GraphParts {
  readonly nodes?: Readonly<Record<string, { readonly op: string; readonly category?: string }>>;
  readonly functions?: Readonly<Record<string, Pick<GraphParts, 'nodes'>>>;
}
