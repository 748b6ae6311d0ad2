import { vi } from 'vitest';
import { type GpuLease, type LeaseOptions, leaseDevice } from '../../src/gpu.ts';

interface FakeBuffer {
  readonly size: number;
  isDestroyed: boolean;
}

/** A device that computes nothing, and writes down what was asked of it. */
export interface FakeGpu {
  readonly buffers: FakeBuffer[];
  /** What happened, in order. */
  readonly log: string[];
  /** What the error scopes say as they are popped; then null. */
  readonly scopes: unknown[];
  lease(options?: LeaseOptions): Promise<GpuLease>;
}

/** Stands in for `navigator.gpu` until `vi.unstubAllGlobals()`. */
export function fakeGpu(): FakeGpu {
  const fake: Omit<FakeGpu, 'lease'> = { buffers: [], log: [], scopes: [] };
  const limits = { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 };
  const plenty = new Proxy(limits, { get: (target, name) => Reflect.get(target, name) ?? 256 });
  const adapter = {
    limits: plenty,
    features: new Set(),
    requestDevice: async ({ requiredLimits }: { requiredLimits: object }) => {
      fake.log.push(`device ${JSON.stringify(requiredLimits)}`);
      return fakeDevice(fake, plenty);
    },
  };
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
  return { ...fake, lease: leaseDevice };
}

function fakeDevice({ buffers, log, scopes }: Omit<FakeGpu, 'lease'>, limits: object) {
  let lose = (_: unknown): void => {};
  const lost = new Promise((resolve) => {
    lose = resolve;
  });
  return {
    limits,
    lost,
    destroy: () => lose({ reason: 'destroyed', message: 'Device was destroyed.' }),
    pushErrorScope() {},
    popErrorScope: async () => scopes.shift() ?? null,
    createBuffer({ size }: { size: number }) {
      const buffer = {
        size,
        isDestroyed: false,
        destroy() {
          buffer.isDestroyed = true;
        },
        mapAsync: async () => {},
        getMappedRange: () => new ArrayBuffer(size),
        unmap() {},
      };
      buffers.push(buffer);
      return buffer;
    },
    createCommandEncoder: () => ({ copyBufferToBuffer() {}, finish() {} }),
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    createComputePipelineAsync: async () => ({}),
    queue: { submit: () => log.push('submit') },
  };
}
