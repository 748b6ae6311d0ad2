import { SegmentError } from '@seg/core';
import type { GpuLimits } from './types.ts';

/** Names of `GPUSupportedLimits` and what is needed of each. */
export type RequiredLimits = Readonly<Record<string, number>>;

/**
 * Holds limits against what is needed. `what` is whose limits they are. Alignments (`min...`) are met by smaller values.
 *
 * @throws SegmentError `unsupported`, which names each limit that is not met, what is there and what is needed
 */
export function requireLimits(limits: GpuLimits, required: RequiredLimits, what: string): void {
  const missing = Object.entries(required).flatMap(([name, needed]) => {
    const offered: unknown = Reflect.get(limits, name);
    if (typeof offered !== 'number') return [{ name, offered: 'unknown here', needed }];
    return meets(name, offered, needed) ? [] : [{ name, offered: String(offered), needed }];
  });
  if (missing.length === 0) return;
  throw new SegmentError('unsupported', `the limits of ${what}`, {
    expected: missing.map(({ name, needed }) => `${name} ${needed}`).join(', '),
    received: missing.map(({ name, offered }) => `${name} ${offered}`).join(', '),
    hint: 'Use a smaller model or picture, or a runtime that computes by wasm.',
  });
}

function meets(name: string, offered: number, needed: number): boolean {
  return name.startsWith('min') ? offered <= needed : offered >= needed;
}

/** What every device has without being asked, of what computing needs. Source: WebGPU, section 3.6.2. */
const DEFAULTS: RequiredLimits = {
  maxTextureDimension2D: 8192,
  maxBindGroups: 4,
  maxBindingsPerBindGroup: 1000,
  maxSampledTexturesPerShaderStage: 16,
  maxSamplersPerShaderStage: 16,
  maxStorageBuffersPerShaderStage: 8,
  maxStorageTexturesPerShaderStage: 4,
  maxUniformBuffersPerShaderStage: 12,
  maxUniformBufferBindingSize: 2 ** 16,
  maxStorageBufferBindingSize: 2 ** 27,
  minUniformBufferOffsetAlignment: 256,
  minStorageBufferOffsetAlignment: 256,
  maxBufferSize: 2 ** 28,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65_535,
};

/** The limits that must be asked for, in the order of their names. */
export function beyondDefaults(required: RequiredLimits): RequiredLimits {
  const beyond = Object.entries(required).filter(([name, needed]) => {
    const offered = DEFAULTS[name];
    return offered === undefined || !meets(name, offered, needed);
  });
  return Object.fromEntries(beyond.sort(([a], [b]) => (a < b ? -1 : 1)));
}
