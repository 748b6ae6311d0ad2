import { afterEach, expect, it, vi } from 'vitest';
import { countReadbacks, createGpuStages, createGpuTensor, isGpuTensor, leaseDevice } from '../../src/gpu.ts';
import { fakeGpu } from './fake-gpu.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const LIMITS = { maxBufferSize: 1000, maxTextureDimension2D: 2048, minStorageBufferOffsetAlignment: 256 };

/** A browser's WebGPU whose adapter has these limits; counts devices, made and destroyed. */
function stubGpu({ limits = LIMITS, fails = '' } = {}) {
  const counts = { made: 0, destroyed: 0 };
  const adapter = {
    limits,
    features: new Set(['shader-f16']),
    async requestDevice() {
      if (fails !== '') throw new Error(fails);
      counts.made++;
      let resolve = (_: unknown): void => {};
      const promise = new Promise((done) => {
        resolve = done;
      });
      return {
        limits,
        features: new Set(),
        lost: promise,
        destroy() {
          counts.destroyed++;
          resolve({ reason: 'destroyed', message: 'bye' });
        },
      };
    },
  };
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
  return counts;
}

it('says what to do where there is no WebGPU', async () => {
  vi.stubGlobal('navigator', undefined);
  await expect(leaseDevice()).rejects.toThrow(/WebGPU \(navigator.gpu\): received this is no browser/);
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('location', { href: 'http://192.168.1.2/' });
  vi.stubGlobal('isSecureContext', false);
  await expect(leaseDevice()).rejects.toThrow(/this page is not secure. WebGPU needs https/);
  vi.stubGlobal('isSecureContext', true);
  await expect(leaseDevice()).rejects.toThrow(/this browser has none/);
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
  await expect(leaseDevice()).rejects.toMatchObject({ code: 'unsupported' });
  await expect(leaseDevice()).rejects.toThrow(/offers no adapter here.*chrome:\/\/gpu/);
});

it('names every limit that a weak adapter lacks, before it makes a device', async () => {
  const counts = stubGpu();
  const required = { maxBufferSize: 1001, maxTextureDimension2D: 2048, minStorageBufferOffsetAlignment: 32 };
  await expect(leaseDevice({ requiredLimits: required })).rejects.toThrow(
    'expected maxBufferSize 1001, minStorageBufferOffsetAlignment 32, ' +
      'received maxBufferSize 1000, minStorageBufferOffsetAlignment 256',
  );
  expect(counts.made).toBe(0);
  const enough = { maxBufferSize: 1000, minStorageBufferOffsetAlignment: 256 };
  (await leaseDevice({ requiredLimits: enough })).release();
  expect(counts).toEqual({ made: 1, destroyed: 1 });
});

it('explains a device that is not given, and tries again the next time', async () => {
  stubGpu({ fails: 'too many devices' });
  for (let i = 0; i < 2; i++) {
    await expect(leaseDevice()).rejects.toThrow(/gives no device: received too many devices/);
  }
});

it('what every device has makes no other device', async () => {
  const gpu = fakeGpu();
  const small = {
    maxBufferSize: 2 ** 28,
    maxComputeWorkgroupSizeX: 64,
    minStorageBufferOffsetAlignment: 256,
  };
  const large = { maxStorageBufferBindingSize: 2 ** 28, maxBufferSize: 2 ** 29 };
  const requests = [{}, small, large, { ...small, ...large }];
  const leases = await Promise.all(requests.map((requiredLimits) => gpu.lease({ requiredLimits })));
  const devices = leases.map(({ device }) => device);
  expect(devices[1]).toBe(devices[0]);
  expect(devices[3]).toBe(devices[2]);
  expect(gpu.log).toEqual([
    'device {}',
    'device {"maxBufferSize":536870912,"maxStorageBufferBindingSize":268435456}',
  ]);
  // whose defaults are lower
  await gpu.lease({ featureLevel: 'compatibility', requiredLimits: { maxComputeWorkgroupSizeX: 256 } });
  expect(gpu.log.at(-1)).toBe('device {"maxComputeWorkgroupSizeX":256}');
  const finer = { minStorageBufferOffsetAlignment: 32 };
  await expect(gpu.lease({ requiredLimits: finer })).rejects.toThrow(/minStorageBufferOffsetAlignment 32/);
});

it('two copies of the package share one device', async () => {
  const counts = stubGpu();
  const ours = await leaseDevice();
  vi.resetModules();
  const copy = await import('../../src/gpu.ts');
  expect(copy.leaseDevice).not.toBe(leaseDevice);
  const theirs = await copy.leaseDevice();
  expect(theirs.device).toBe(ours.device);
  ours.release();
  expect(counts).toEqual({ made: 1, destroyed: 0 });
  theirs.release();
  expect(counts).toEqual({ made: 1, destroyed: 1 });
});

it('imports in Node, and counts nothing by itself', async () => {
  expect([createGpuStages, createGpuTensor, isGpuTensor].every((each) => typeof each === 'function')).toBe(
    true,
  );
  stubGpu();
  const lease = await leaseDevice({ shared: false });
  expect(countReadbacks(lease.device)).toEqual({ reads: 0, bytes: 0 });
  lease.release();
  expect(await lease.lost).toMatchObject({ code: 'device-lost' });
});
