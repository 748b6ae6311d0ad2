import { SegmentError } from '@seg/core';
import { requireLive, whileAlive } from './device-state.ts';
import { requireLimits } from './limits.ts';
import type { GpuDevice } from './types.ts';

/** One WGSL program. Its bindings are those of group 0, numbered from 0; its entry point is `main`. */
export interface Shader {
  /** What it does, for error messages. */
  readonly label: string;
  readonly code: string;
}

/** Threads of one workgroup: what every device has, also in compatibility mode (128 at most there). */
export const WORKGROUP = 64;

/**
 * Gives each thread its number. Dispatches of more than 65,535 workgroups are split over two dimensions, so numbers run
 * past the end: compare with the count of what there is to do.
 */
export const THREADS = /* wgsl */ `
fn threadOf(group: vec3u, groups: vec3u, local: u32) -> u32 {
  return (group.y * groups.x + group.x) * ${WORKGROUP}u + local;
}
`;

/** The head of every entry point. */
export const MAIN = /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
)`;

/**
 * The compiled shader, made once a device.
 *
 * @throws SegmentError `unsupported`, with the compiler's own words; `device-lost`
 */
export function compile(device: GpuDevice, shader: Shader): Promise<GPUComputePipeline> {
  const { pipelines } = requireLive(device);
  const found = pipelines.get(shader.code);
  if (found !== undefined) return found;
  const making = whileAlive(device, compileNow(device, shader));
  pipelines.set(shader.code, making);
  making.catch(() => pipelines.delete(shader.code));
  return making;
}

async function compileNow(device: GpuDevice, { label, code }: Shader): Promise<GPUComputePipeline> {
  const needed = {
    maxComputeInvocationsPerWorkgroup: WORKGROUP,
    maxComputeWorkgroupSizeX: WORKGROUP,
    maxStorageBuffersPerShaderStage: code.match(/var<storage/g)?.length ?? 0,
  };
  requireLimits(device.limits, needed, `the GPU device, for the shader "${label}"`);
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code });
  const making = device.createComputePipelineAsync({
    label,
    layout: 'auto',
    compute: { module, entryPoint: 'main' },
  });
  const [scope, result, info] = await Promise.all([
    device.popErrorScope(),
    making.catch((error: unknown) => error),
    module.getCompilationInfo(),
  ]);
  const message = info.messages.find(({ type }) => type === 'error');
  if (scope === null && message === undefined && !(result instanceof Error)) {
    // biome-ignore lint/plugin: what did not reject is a pipeline
    return result as GPUComputePipeline;
  }
  const said = message ? `line ${message.lineNum}: ${message.message}` : (scope?.message ?? String(result));
  throw new SegmentError('unsupported', `this GPU does not take the shader "${label}"`, {
    received: said,
    hint: 'Use a runtime that computes by wasm.',
    cause: result,
  });
}

/** One use of a pipeline: what it binds, in the order of its binding numbers, and how many threads it needs. */
export interface Pass {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: readonly GPUBindingResource[];
  readonly threads: number;
}

/** Adds passes to an encoder, in order: each sees what the one before has written. */
export function encode(device: GpuDevice, encoder: GPUCommandEncoder, passes: readonly Pass[]): void {
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  const compute = encoder.beginComputePass();
  for (const { pipeline, bindings, threads } of passes) {
    const groups = Math.ceil(threads / WORKGROUP);
    const entries = bindings.map((resource, binding) => ({ binding, resource }));
    compute.setPipeline(pipeline);
    compute.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    compute.dispatchWorkgroups(Math.min(groups, most), Math.ceil(groups / most));
  }
  compute.end();
}

/**
 * Runs `submit`, which encodes and submits without waiting. `isFirst`: the first time for a shape of work, so that what
 * the device objects to is found out as an error and not as a black picture; later frames of that shape do not wait.
 *
 * @throws SegmentError `runtime`, `device-lost`
 */
export async function submitChecked(device: GpuDevice, isFirst: boolean, submit: () => void): Promise<void> {
  requireLive(device);
  if (!isFirst) return submit();
  device.pushErrorScope('validation');
  let thrown: unknown = null;
  try {
    submit();
  } catch (error) {
    thrown = error;
  }
  const error = await whileAlive(device, device.popErrorScope());
  if (thrown !== null) throw thrown;
  if (error !== null) throw new SegmentError('runtime', `the GPU refuses this work: ${error.message}`);
}
