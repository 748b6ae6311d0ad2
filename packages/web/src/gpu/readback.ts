import { abortable } from '@seg/core';
import { createBuffer } from './buffer-pool.ts';
import { requireLive, stateOf, whileAlive } from './device-state.ts';
import { type GpuBuffer, type GpuDevice, MAP_READ, USAGE } from './types.ts';

/** Copies off one device by `read()` of tensors, since the device was made. */
export interface Readbacks {
  readonly reads: number;
  /** Each read's bytes are rounded up to 4: that is what WebGPU copies. */
  readonly bytes: number;
}

/** What was read back so far from tensors on a device, by all copies of this package: read it before and after. */
export function countReadbacks(device: GpuDevice): Readbacks {
  return { ...stateOf(device).readbacks };
}

/** Free buffers of one size that are kept to read through. */
const FREE_BUFFERS = 2;

/**
 * `bytes` of a buffer from `byteOffset` on, as memory of their own. The copy is made of what the queue has done when its
 * turn comes; the buffer may be reused at once.
 *
 * @throws SegmentError `device-lost`; or `signal.reason`
 */
export async function readBuffer(
  device: GpuDevice,
  { buffer, byteOffset }: { readonly buffer: GpuBuffer; readonly byteOffset: number },
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer> {
  const { staging, readbacks } = requireLive(device);
  const size = Math.ceil(bytes / 4) * 4;
  const free = staging.get(size) ?? [];
  staging.set(size, free);
  const copy = free.pop() ?? (await createBuffer(device, size, USAGE.mapRead | USAGE.copyTarget));
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, byteOffset, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  readbacks.reads++;
  readbacks.bytes += size;
  const reading = whileAlive(device, copy.mapAsync(MAP_READ)).then(() => {
    const memory = copy.getMappedRange().slice(0, bytes);
    copy.unmap();
    if (free.length < FREE_BUFFERS) free.push(copy);
    else copy.destroy();
    return memory;
  });
  return abortable(reading, signal);
}
