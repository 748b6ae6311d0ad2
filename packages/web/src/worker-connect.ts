import { isSegmentError, type ModelSource, type Runtime, SegmentError } from '@seg/core';
import type { Dom } from './images-kinds.ts';
import { loadAsset } from './load-asset.ts';
import { createWorkerClient, type WorkerClient } from './worker-client.ts';

/** How an adapter runs in a worker of its own. */
export interface WorkerRuntimeOptions extends Pick<Runtime, 'name' | 'format' | 'provides' | 'source'> {
  readonly source: ModelSource;
  /** What the adapter's factory is given over there: anything that can be posted. */
  readonly options: unknown;
  /** Makes a worker that calls `serveRuntime`. */
  readonly start: () => Dom<'Worker'>;
  /** Where the worker's file was said to be, for errors; by default the bundler knows. */
  readonly workerUrl?: string | undefined;
}

/** Starts a worker, and says why where it does not start. @throws SegmentError `unsupported` */
export function connect({ name, start, workerUrl }: WorkerRuntimeOptions): {
  client: WorkerClient;
  lock: string;
} {
  const lock = `@seg/${name} ${Date.now()} ${Math.random()}`;
  const begin = (): Worker => {
    try {
      return start();
    } catch (cause) {
      throw new SegmentError('unsupported', `the worker of ${name} does not start`, {
        received: cause instanceof Error ? cause.message : String(cause),
        hint: "A worker must come from the page's own origin: serve its file there",
        cause,
      });
    }
  };
  const client = createWorkerClient(begin, lock, async (said) => {
    const url = workerUrl ?? lastWorkerAsked();
    const wrong: unknown = url && (await loadAsset(url, 'script').catch((error: unknown) => error));
    if (isSegmentError(wrong)) return wrong;
    return new SegmentError('runtime', `the worker of ${name} does not start: ${said}`, {
      ...(url !== undefined && { received: url }),
      hint: HINT,
    });
  });
  return { client, lock };
}

const HINT =
  "It must be the adapter's own worker, served as text/javascript, allowed by the Content-Security-Policy (worker-src), on an " +
  'isolated page with Cross-Origin-Embedder-Policy. `seg assets copy` gathers it: name its folder in the option assets';

/** Where a bundler's worker was looked for, as far as the page remembers. */
function lastWorkerAsked(): string | undefined {
  const asked = performance.getEntriesByType('resource').map(({ name }) => name);
  return asked.reverse().find((name) => /worker[^/]*\.[cm]?js([?#]|$)/.test(name));
}
