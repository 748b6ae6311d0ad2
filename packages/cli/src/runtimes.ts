import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type ModelSource, type Runtime, SegmentError, suggestion } from '@seg/core';
import type { OnnxNodeOptions } from '@seg/onnx-node';
import type { OnnxWebOptions } from '@seg/onnx-web';
import { requireInstalled } from './assets/find-package.ts';
import { UsageError } from './failure.ts';

export interface RuntimeSettings {
  readonly threads?: number | undefined;
  readonly source?: ModelSource | undefined;
  /** Vendor's names of what shall compute, beyond the CPU. */
  readonly providers?: readonly string[] | undefined;
}

/** Each runtime's package is loaded when it is asked for. */
const RUNTIMES: Readonly<Record<string, (settings: RuntimeSettings) => Runtime | Promise<Runtime>>> = {
  'onnx-node': createOnnxNode,
  'onnx-web': createOnnxWeb,
  'tflite-wasm': (settings) => createInstalled('tflite-wasm', 'tfliteWasm', settings),
  litert: (settings) => createInstalled('litert', 'litert', settings),
  'tfjs-wasm': (settings) => createInstalled('tfjs-webgpu', 'tfjsWebgpu', settings, { accelerator: 'wasm' }),
  'tfjs-cpu': (settings) => createInstalled('tfjs-webgpu', 'tfjsWebgpu', settings, { accelerator: 'cpu' }),
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

/** A runtime whose package is not part of this command: the one that is installed where it is called, if any. */
function createInstalled(
  name: string,
  factory: string,
  { threads, source, providers }: RuntimeSettings,
  options: object = {},
): Runtime {
  if (providers !== undefined) throw new UsageError(`${name} has no execution providers`);
  const folder = requireInstalled(`@seg/${name}`);
  const load = createRequire(join(folder, 'package.json'));
  const adapter: Record<string, (options: object) => Runtime> = load(`@seg/${name}`);
  const create = adapter[factory];
  if (create === undefined) throw new SegmentError('unsupported', `@seg/${name} has no ${factory}`);
  return create({ threads, source, mode: 'inline', ...options });
}
