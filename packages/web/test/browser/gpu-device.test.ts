import type { Size } from '@seg/core';
import { largestDifference } from '@seg/testkit';
import { afterEach, expect, test } from 'vitest';
import {
  countReadbacks,
  createGpuStages,
  type GpuLease,
  leaseDevice,
  leaseVendorDevice,
} from '../../src/gpu.ts';
import {
  blackFrame,
  decodeBoth,
  modelOf,
  noise,
  prepareBoth,
  randomFloats,
  uploadTensor,
  whole,
} from './gpu-helpers.ts';

const leases: GpuLease[] = [];
afterEach(() => {
  for (const lease of leases.splice(0)) lease.release();
});

async function lease(...options: Parameters<typeof leaseDevice>): Promise<GpuLease> {
  const made = await leaseDevice(...options);
  leases.push(made);
  return made;
}

test('equal requests share a device, which goes when the last lease does', async () => {
  const [a, b] = await Promise.all([lease(), lease({ requiredLimits: {} })]);
  const little = await lease({ requiredLimits: { maxBufferSize: 1000 } });
  expect(little.device).toBe(a.device); // what every device has makes no difference
  little.release();
  const other = await lease({ requiredLimits: { maxBufferSize: 2 ** 28 + 4 } });
  expect(other.limits.maxBufferSize).toBe(2 ** 28 + 4);
  const own = await lease({ shared: false });
  expect(a.device).toBe(b.device);
  expect(new Set([a.device, other.device, own.device]).size).toBe(3);
  let isLost = false;
  void a.lost.then(() => {
    isLost = true;
  });
  a.release();
  a.release();
  await a.device.queue.onSubmittedWorkDone();
  expect(isLost).toBe(false);
  b.release();
  expect(await b.lost).toMatchObject({ code: 'device-lost' });
  expect((await lease()).device).not.toBe(a.device);
});

test("a caller's or vendor's device is never destroyed", async () => {
  const own = await lease({ shared: false });
  const [passed, vendor] = [await lease({ device: own.device }), leaseVendorDevice(own.device)];
  expect([passed.device, vendor.device]).toEqual([own.device, own.device]);
  passed.release();
  vendor.release();
  const model = modelOf({});
  const stages = await createGpuStages({ device: own.device, model });
  const image = noise(16, 16, 1);
  const { ours, cpu } = await prepareBoth(stages, model, image, image);
  expect(ours).toEqual(cpu);
  stages.dispose();
  await expect(
    leaseDevice({ device: own.device, requiredLimits: { maxBufferSize: 2 ** 50 } }),
  ).rejects.toThrow(
    /limits of the device that was passed in: expected maxBufferSize 1125899906842624, received maxBufferSize \d+/,
  );
});

test('limits and features that the adapter lacks are refused by name', async () => {
  const asking = leaseDevice({ requiredLimits: { maxBufferSize: 2 ** 50, maxTextureDimension2D: 1 } });
  await expect(asking).rejects.toMatchObject({ code: 'unsupported' });
  await expect(asking).rejects.toThrow(
    /expected maxBufferSize 1125899906842624, received maxBufferSize \d+\. /,
  );
  await expect(leaseDevice({ requiredLimits: { maxWishes: 3 } })).rejects.toThrow(/maxWishes unknown here/);
  await expect(leaseDevice({ requiredFeatures: ['tea'] })).rejects.toThrow(/expected tea/);
  // a failed request leaves nothing behind
  expect((await lease()).device.queue).toBeDefined();
});

test('a lost device: pending and later calls say so, and a new lease works', async () => {
  const { device, lost } = await lease();
  const model = modelOf({ size: { width: 64, height: 64 } });
  const stages = await createGpuStages({ device, model });
  const image = noise(64, 64, 1);
  const { tensor } = await stages.prepare(image);
  const raw = uploadTensor(device, 'float32', [1, 4, 8, 8], randomFloats(256, 1, 9));
  const pending = tensor.read();
  device.destroy();
  await expect(pending).rejects.toMatchObject({ code: 'device-lost' });
  expect(await lost).toMatchObject({ code: 'device-lost' });
  const request = { as: 'classes', size: { width: 64, height: 64 } } as const;
  for (const call of [
    () => tensor.read(),
    () => stages.prepare(image),
    () => stages.decode(raw, whole(64, 64), request),
    () => createGpuStages({ device, model }),
    () => leaseDevice({ device }),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'device-lost' });
  }
  expect(() => leaseVendorDevice(device)).toThrow(/the GPU device is gone/);
  stages.dispose();
  const again = await lease();
  expect(again.device).not.toBe(device);
  const stagesAgain = await createGpuStages({ lease: again, model });
  const { ours, cpu } = await prepareBoth(stagesAgain, model, image, image);
  expect(ours).toEqual(cpu);
  stagesAgain.dispose();
});

test('a loss while calls wait', async () => {
  const { device } = await lease({ shared: false });
  const model = modelOf({ size: { width: 64, height: 64 } });
  const stages = await createGpuStages({ device, model });
  const image = noise(64, 64, 1);
  const preparing = stages.prepare(image); // its first frame waits for the compiler and the device's word
  const opening = createGpuStages({ device, model: modelOf({ size: { width: 48, height: 48 } }) });
  device.destroy();
  await expect(preparing).rejects.toMatchObject({ code: 'device-lost' });
  await expect(opening).rejects.toMatchObject({ code: 'device-lost' });
  stages.dispose();
});

test('a device in compatibility mode, with its lower limits, gives the same', async () => {
  const { device, limits } = await lease({ featureLevel: 'compatibility' });
  expect(device.features.has('core-features-and-limits')).toBe(false);
  expect(limits.maxComputeInvocationsPerWorkgroup).toBeLessThan(256);
  const model = modelOf({ size: { width: 20, height: 20 }, extra: 'previous-mask' }, { layout: 'chw' });
  const stages = await createGpuStages({ device, model });
  const image = noise(33, 31, 1);
  const { ours, cpu } = await prepareBoth(stages, model, image, image);
  expect(largestDifference(ours, cpu)).toBeLessThan(1e-5);
  const placement = whole(20, 20);
  for (const request of [
    { as: 'classes', size: { width: 50, height: 40 } },
    { as: 'scores', size: { width: 50, height: 40 }, select: [[1]] },
  ] as const) {
    const both = await decodeBoth(stages, device, model, randomFloats(256, 1, 9), placement, request);
    expect(largestDifference(both.ours, both.cpu)).toBeLessThanOrEqual(5e-4);
  }
  stages.dispose();
});

test('what the stages cannot do is refused at the door', async () => {
  const { device } = await lease();
  await expect(createGpuStages({ device, model: modelOf({}, { dtype: 'int64' }) })).rejects.toMatchObject({
    code: 'unsupported',
  });
  const large = modelOf({ size: { width: 20_000, height: 20_000 } });
  await expect(createGpuStages({ device, model: large })).rejects.toThrow(
    /maxStorageBufferBindingSize 4800000000/,
  );
  await expect(createGpuStages({ model: large })).rejects.toMatchObject({ code: 'invalid-input' });
});

test('a tensor elsewhere, of another size, on another device, or an impossible size are refused', async () => {
  const [{ device }, other] = [await lease(), await lease({ shared: false })];
  const stages = await createGpuStages({ device, model: modelOf({}) });
  const request = { as: 'classes', size: { width: 64, height: 64 } } as const;
  const logits = () => randomFloats(256, 1, 9);
  const right = uploadTensor(device, 'float32', [1, 4, 8, 8], logits());
  const refused = async (raw: typeof right, code: string, size: Size = request.size) => {
    const decoding = stages.decode(raw, whole(16, 16), { ...request, size });
    await expect(decoding).rejects.toMatchObject({ code });
  };
  await refused(uploadTensor(other.device, 'float32', [1, 4, 8, 8], logits()), 'unsupported');
  await refused(uploadTensor(device, 'float32', [1, 4, 8, 7], logits().subarray(0, 224)), 'invalid-card');
  await refused(right, 'unsupported', { width: 65_535, height: 65_535 });
  stages.dispose();
  stages.dispose();
  await refused(right, 'disposed');
  right.dispose();
  expect(() => right.buffer).toThrow(/this tensor was disposed/);
});

test('pictures that are none, or not ready', async () => {
  const { device } = await lease();
  const stages = await createGpuStages({ device, model: modelOf({}) });
  const bitmap = await createImageBitmap(new ImageData(4, 4));
  bitmap.close();
  const frame = blackFrame(4, 4);
  frame.close();
  const blob = new Blob(['<html>']);
  for (const image of [
    bitmap,
    frame,
    document.createElement('video'),
    blob,
    document.createElement('canvas'),
  ]) {
    if (image instanceof HTMLCanvasElement) image.width = 0;
    await expect(stages.prepare(image), String(image)).rejects.toMatchObject({ code: 'invalid-input' });
  }
  const stopped = AbortSignal.abort('enough');
  await expect(stages.prepare(noise(4, 4, 1), { signal: stopped })).rejects.toBe('enough');
  stages.dispose();
});

test('a shader that the device does not take gives its compiler’s words', async () => {
  const { device } = await lease({ shared: false });
  const { compile } = await import('../../src/gpu/pipeline.ts');
  const broken = compile(device, { label: 'broken', code: 'fn main() { let a: f32 = 1u; }' });
  await expect(broken).rejects.toMatchObject({ code: 'unsupported' });
  await expect(broken).rejects.toThrow(/does not take the shader "broken".*line 1/);
  expect(countReadbacks(device)).toEqual({ reads: 0, bytes: 0 });
});
