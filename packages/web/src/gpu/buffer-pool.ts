import { SegmentError } from '@seg/core';
import { whileAlive } from './device-state.ts';
import { requireLimits } from './limits.ts';
import { type GpuBuffer, type GpuDevice, USAGE } from './types.ts';

/** A storage buffer on loan. Work submitted before `release()` may still use it: the queue keeps order. */
export interface LentBuffer {
  readonly buffer: GpuBuffer;
  release(): void;
}

/** Storage buffers that come back: a steady frame makes no new ones. */
export interface BufferPool {
  /**
   * A buffer of at least `bytes`, with undefined contents, usable as storage and in copies both ways.
   *
   * @throws SegmentError `unsupported` (larger than the device's limits, or than its free memory), `device-lost`
   */
  take(bytes: number): Promise<LentBuffer>;
  /** Destroys all free buffers; those that are out are destroyed when they come back. */
  clear(): void;
}

/** At most this many free buffers of one size are kept: one in work, one shown, one to spare. */
const FREE_BUFFERS = 3;

/** Runtimes want sizes of whole vectors (onnxruntime-web: 16 bytes). */
const ALIGNMENT = 16;

export function createBufferPool(device: GpuDevice): BufferPool {
  const free = new Map<number, GpuBuffer[]>();
  let generation = 0;

  function giveBack(buffer: GpuBuffer, size: number, born: number): void {
    const list = free.get(size) ?? [];
    if (born !== generation || list.length >= FREE_BUFFERS) buffer.destroy();
    else free.set(size, [...list, buffer]);
  }

  return {
    async take(bytes) {
      const size = Math.ceil(Math.max(1, bytes) / ALIGNMENT) * ALIGNMENT; // shaders bind no empty buffers
      const buffer = free.get(size)?.pop() ?? (await createBuffer(device, size));
      const born = generation;
      let isOut = true;
      return {
        buffer,
        release() {
          if (isOut) giveBack(buffer, size, born);
          isOut = false;
        },
      };
    },
    clear() {
      generation++;
      for (const buffer of [...free.values()].flat()) buffer.destroy();
      free.clear();
    },
  };
}

const STORAGE = USAGE.storage | USAGE.copySource | USAGE.copyTarget;

/** @throws SegmentError `unsupported`: an allocation that fails would otherwise be a buffer that swallows all writes */
export async function createBuffer(
  device: GpuDevice,
  size: number,
  usage: number = STORAGE,
): Promise<GpuBuffer> {
  const asStorage = (usage & USAGE.storage) === 0 ? {} : { maxStorageBufferBindingSize: size };
  requireLimits(
    device.limits,
    { maxBufferSize: size, ...asStorage },
    'the GPU device, for one buffer (bytes)',
  );
  device.pushErrorScope('out-of-memory');
  const buffer = device.createBuffer({ size, usage });
  const error = await whileAlive(device, device.popErrorScope());
  if (error === null) return buffer;
  buffer.destroy();
  throw new SegmentError('unsupported', 'the GPU is out of memory', {
    expected: `room for ${size} bytes`,
    received: error.message,
    hint: 'Dispose segmentations that are no longer shown, or use a smaller picture.',
  });
}
