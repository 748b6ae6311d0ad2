import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { stateOf } from '../../src/gpu/device-state.ts';
import { whileAlive } from '../../src/gpu.ts';
import { fakeGpu } from './fake-gpu.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('whileAlive leaves nothing on the device once its work is done', async () => {
  const { device } = await fakeGpu().lease({ shared: false });
  const { pending } = stateOf(device);
  expect(await whileAlive(device, Promise.resolve(3))).toBe(3);
  await expect(whileAlive(device, Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  expect(pending.size).toBe(0);
});

it('whileAlive fails with the device, and says why in one sentence', async () => {
  const { device } = await fakeGpu().lease({ shared: false });
  const waiting = whileAlive(device, new Promise(() => {}));
  const failing = whileAlive(device, Promise.reject(new Error('because of the loss, but said before it')));
  device.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'device-lost' });
  await expect(waiting).rejects.toThrow(
    'the GPU device is gone: received destroyed: Device was destroyed. Lease a device again',
  );
  await expect(failing).rejects.toMatchObject({ code: 'device-lost' });
  expect(stateOf(device).pending.size).toBe(0);
  // a promise in any case: nothing thrown at once, and nobody's rejection left unhandled
  const later = whileAlive(device, Promise.reject(new Error('late')));
  await expect(later).rejects.toMatchObject({ code: 'device-lost' });
  await sleep(150);
});
