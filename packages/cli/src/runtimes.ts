import type { ModelSource, Runtime } from '@seg/core';
import { suggestion } from '@seg/core';
import type { OnnxNodeOptions } from '@seg/onnx-node';
import type { OnnxWebOptions } from '@seg/onnx-web';
import { UsageError } from './failure.ts';

export interface RuntimeSettings {
  readonly threads?: number | undefined;
  readonly source?: ModelSource | undefined;
  /** Vendor's names of what shall compute, beyond the CPU. */
  readonly providers?: readonly string[] | undefined;
}

/** Each runtime's package is loaded when it is asked for. */
const RUNTIMES: Readonly<Record<string, (settings: RuntimeSettings) => Promise<Runtime>>> = {
  'onnx-node': createOnnxNode,
  'onnx-web': createOnnxWeb,
};

export const RUNTIME_NAMES: readonly string[] = Object.keys(RUNTIMES);

/** @throws UsageError for a name that is none of {@link RUNTIME_NAMES} */
export async function createRuntime(name: string, settings: RuntimeSettings = {}): Promise<Runtime> {
  const create = Object.hasOwn(RUNTIMES, name) ? RUNTIMES[name] : undefined;
  if (create !== undefined) return await create(settings);
  throw new UsageError(`there is no runtime "${name}". ${suggestion(name, RUNTIME_NAMES, 'runtimes')}`);
}

async function createOnnxNode({ threads, source, providers }: RuntimeSettings): Promise<Runtime> {
  const { onnxNode } = await import('@seg/onnx-node');
  const session: OnnxNodeOptions['session'] = providers && { executionProviders: [...providers] };
  // inline: a command has no event loop to keep free
  return onnxNode({ threads, source, session, mode: 'inline' });
}

/** WebAssembly: slower than onnx-node, and the same answers as in a browser. */
async function createOnnxWeb({ threads, source, providers }: RuntimeSettings): Promise<Runtime> {
  const { onnxWeb } = await import('@seg/onnx-web');
  const session: OnnxWebOptions['session'] = providers && { executionProviders: [...providers] };
  return onnxWeb({ threads, source, session });
}
