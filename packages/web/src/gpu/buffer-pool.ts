import { isSegmentError, SegmentError } from '@seg/core';
import { stateOf, whileAlive } from './device-state.ts';
import { destroyFree, keepFree, takeFree } from './free-buffers.ts';
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

/**
 * Of one size: one in work, one shown, one to spare. A frame needs up to seven sizes: pixels, the tensor before and after
 * packing, winners, classes, scores, the previous mask.
 */
const MOST = { buffers: 3, sizes: 8 };

/** Runtimes want sizes of whole vectors (onnxruntime-web: 16 bytes). */
const ALIGNMENT = 16;

export function createBufferPool(device: GpuDevice): BufferPool {
  const free = new Map<number, GpuBuffer[]>();
  let generation = 0;

  function giveBack(buffer: GpuBuffer, size: number, born: number): void {
    if (born !== generation) buffer.destroy();
    else keepFree(free, size, buffer, MOST);
  }

  async function make(size: number): Promise<GpuBuffer> {
    requireSize(device, size);
    try {
      return await startBuffer(device, size).made;
    } catch (error) {
      if (!isSegmentError(error) || error.code !== 'unsupported') throw error;
      destroyFree(free);
      destroyFree(stateOf(device).staging);
      return startBuffer(device, size).made;
    }
  }

  return {
    async take(bytes) {
      const size = Math.ceil(Math.max(1, bytes) / ALIGNMENT) * ALIGNMENT; // shaders bind no empty buffers
      const buffer = takeFree(free, size) ?? (await make(size));
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
      destroyFree(free);
    },
  };
}

const STORAGE = USAGE.storage | USAGE.copySource | USAGE.copyTarget;

/** @throws SegmentError `unsupported`: larger than the device takes */
function requireSize({ limits }: GpuDevice, size: number): void {
  const required = { maxBufferSize: size, maxStorageBufferBindingSize: size };
  requireLimits(limits, required, 'the GPU device, for one buffer (bytes)');
}

/**
 * A buffer that may be used at once. `made` gives it when it turns out that there was room for it, and must be looked at:
 * a buffer without room swallows all writes. It rejects with SegmentError `unsupported`, `device-lost`.
 */
export function startBuffer(
  device: GpuDevice,
  size: number,
  usage: number = STORAGE,
): { readonly buffer: GpuBuffer; readonly made: Promise<GpuBuffer> } {
  device.pushErrorScope('out-of-memory');
  const buffer = device.createBuffer({ size, usage });
  const made = whileAlive(device, device.popErrorScope()).then((error) => {
    if (error === null) return buffer;
    buffer.destroy();
    throw new SegmentError('unsupported', 'the GPU is out of memory', {
      expected: `room for ${size} bytes`,
      received: error.message,
      hint: 'Dispose segmentations that are no longer shown, or use a smaller picture.',
    });
  });
  return { buffer, made };
}
