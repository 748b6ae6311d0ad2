import { SegmentError } from '@seg/core';

/** Which of the browser's adapters to take. */
export interface GpuAdapterOptions {
  /** A hint where there is more than one GPU; by default the browser's own choice. */
  readonly powerPreference?: 'low-power' | 'high-performance' | undefined;
  /** `compatibility` also takes older GPUs, whose limits are lower. */
  readonly featureLevel?: 'core' | 'compatibility' | undefined;
}

/** The browser's `navigator.gpu`. @throws SegmentError `unsupported`, which says why there is none */
export function findGpu(): GPU {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (gpu !== undefined) return gpu;
  const where =
    typeof globalThis.document === 'undefined' && typeof globalThis.location === 'undefined'
      ? ['this is no browser', 'Outside browsers, use a runtime that computes on the CPU.']
      : globalThis.isSecureContext === false
        ? ['this page is not secure', 'WebGPU needs https, or http://localhost.']
        : ['this browser has none, or has it switched off', 'Use a runtime that computes by wasm.'];
  throw new SegmentError('unsupported', 'WebGPU (navigator.gpu)', {
    received: where[0] ?? '',
    hint: where[1] ?? '',
  });
}

/** @throws SegmentError `unsupported` when the browser offers no adapter */
export async function findAdapter(
  gpu: GPU,
  { powerPreference, featureLevel }: GpuAdapterOptions,
): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter({
    ...(powerPreference !== undefined && { powerPreference }),
    ...(featureLevel !== undefined && { featureLevel }),
  });
  if (adapter !== null) return adapter;
  throw new SegmentError('unsupported', 'WebGPU offers no adapter here', {
    received: 'requestAdapter() gave null: no GPU, a driver on the block list, or acceleration switched off',
    hint: 'Chromium says why at chrome://gpu. Use a runtime that computes by wasm.',
  });
}
