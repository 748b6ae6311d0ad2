import { abortable } from '@seg/core';
import { startBuffer } from './buffer-pool.ts';
import { requireLive, stateOf, whileAlive } from './device-state.ts';
import { keepFree, takeFree } from './free-buffers.ts';
import { submitChecked } from './pipeline.ts';
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

/** Free buffers that are kept to read through: a class map's and those of scores. */
const MOST = { buffers: 2, sizes: 4 };

/**
 * `bytes` of a buffer from `byteOffset` on, as memory of their own. The copy is made of what the queue has done when its
 * turn comes; the buffer may be reused at once.
 *
 * @throws SegmentError `unsupported` (no room for the copy), `runtime`, `device-lost`; or `signal.reason`
 */
export async function readBuffer(
  device: GpuDevice,
  { buffer, byteOffset }: { readonly buffer: GpuBuffer; readonly byteOffset: number },
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer> {
  const { staging, readbacks } = requireLive(device);
  const size = Math.ceil(bytes / 4) * 4;
  const found = takeFree(staging, size);
  const { buffer: copy, made } =
    found === undefined ? startBuffer(device, size, READ_THROUGH) : { buffer: found, made: found };
  // nothing waits before the copy is submitted: the buffer may be lent again, or destroyed, as soon as this returns
  const submitted = submitChecked(device, found === undefined, () => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, byteOffset, copy, 0, size);
    device.queue.submit([encoder.finish()]);
  });
  readbacks.reads++;
  readbacks.bytes += size;
  const reading = Promise.all([made, submitted])
    .then(() => whileAlive(device, copy.mapAsync(MAP_READ)))
    .then(() => {
      const memory = copy.getMappedRange().slice(0, bytes);
      copy.unmap();
      keepFree(staging, size, copy, MOST);
      return memory;
    })
    .catch((error: unknown) => {
      copy.destroy();
      throw error;
    });
  return abortable(reading, signal);
}

const READ_THROUGH = USAGE.mapRead | USAGE.copyTarget;
