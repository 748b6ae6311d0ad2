import { availableParallelism } from 'node:os';
import {
  type AbortOptions,
  abortable,
  createCpuStages,
  type LoadedModel,
  type ModelSource,
  type Probe,
  type Runtime,
  SegmentError,
} from '@seg/core';
import { defaultSource } from '@seg/node/cache';
import { type Engine, type EngineRequest, openEngine } from './engine.ts';
import { createSession } from './session.ts';
import { firstLine, type OnnxSessionOptions, requireProviders } from './vendor.ts';
import { openWorkerEngine } from './worker-engine.ts';

export interface OnnxNodeOptions {
  /** Threads that compute one run; by default the cores that are available, at most 4. */
  readonly threads?: number | undefined;
  /**
   * `worker` (default) runs in a thread of its own, so that the event loop stays free. `inline` blocks the event loop
   * for the length of a run and saves the way there and back (below 1 ms): for commands and benchmarks.
   */
  readonly mode?: 'worker' | 'inline' | undefined;
  /** The vendor's session options, handed through untouched: they win over what we set. */
  readonly session?: OnnxSessionOptions | undefined;
  /** Where models come from; by default the cache of `@seg/node`, then the card's addresses. */
  readonly source?: ModelSource | undefined;
}

/**
 * Seg on ONNX Runtime in Node. Needs the peer `onnxruntime-node`. Its `open` gives the execution providers that
 * `options.session` asks for, or throws; `Session.accelerator` names those that really ran.
 *
 * @throws SegmentError `invalid-input` (threads); from `open`: `invalid-input` (no ONNX model), `invalid-card` (card and file disagree),
 * `unsupported` (missing peer, provider, operator, float16), `runtime`; or `signal.reason`
 */
export function onnxNode(options: OnnxNodeOptions = {}): Runtime {
  const { mode = 'worker', source = defaultSource() } = options;
  if (mode !== 'worker' && mode !== 'inline') {
    throw new SegmentError('invalid-input', 'mode', {
      expected: "'worker' or 'inline'",
      received: `${mode}`,
    });
  }
  const settings = sessionOptions(options);
  const openIn = mode === 'worker' ? openWorkerEngine : openEngine;
  return {
    name: 'onnx-node',
    format: 'onnx',
    provides: [],
    source,
    probe: () => probe(settings),
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      const stages = createCpuStages(model);
      try {
        const engine = await openOrRelease(openIn({ model: portable(model), options: settings }), signal);
        return { session: createSession(engine, model.variant), stages };
      } catch (error) {
        stages.dispose();
        throw error;
      }
    },
  };
}

/** An aborted opening rejects at once, and what it makes all the same is released. */
async function openOrRelease(opening: Promise<Engine>, signal: AbortOptions['signal']): Promise<Engine> {
  try {
    return await abortable(opening, signal);
  } catch (error) {
    void opening.then((engine) => engine.release()).catch(() => {});
    throw error;
  }
}

async function probe(settings: OnnxSessionOptions): Promise<Probe> {
  try {
    await requireProviders(settings);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: firstLine(error) };
  }
}

function sessionOptions({ threads, session }: OnnxNodeOptions): OnnxSessionOptions {
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new SegmentError('invalid-input', 'threads', {
      expected: 'a whole number from 1',
      received: `${threads}`,
    });
  }
  const cores = availableParallelism();
  const intraOpNumThreads = session?.intraOpNumThreads ?? threads ?? Math.min(4, cores);
  return {
    graphOptimizationLevel: 'all',
    intraOpNumThreads,
    interOpNumThreads: 1,
    logSeverityLevel: 4, // what goes wrong is thrown; the vendor's own log would print it a second time
    // Threads that spin while they wait need a core each. Measured with 2 threads on 2 cores (257, median of 40 runs):
    // quiet 11.7 ms spinning, 13.9 not; beside one busy thread 24.5 spinning, 18.0 not. With a core to spare they may.
    ...(intraOpNumThreads > 1 && intraOpNumThreads >= cores && NO_SPINNING),
    ...session,
  };
}

const NO_SPINNING: OnnxSessionOptions = { extra: { session: { intra_op: { allow_spinning: '0' } } } };

/** Only what an engine needs, so that a worker is posted no more. */
function portable({ variant, parts }: LoadedModel): EngineRequest['model'] {
  return { variant, parts };
}
