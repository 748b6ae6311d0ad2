import {
  type AbortOptions,
  createTypedArray,
  type DType,
  elementCount,
  SegmentError,
  type Tensor,
  type TypedArrayOf,
  withDisposeSymbol,
} from '@seg/core';
import { readBuffer } from './readback.ts';
import { type GpuBuffer, type GpuDevice, USAGE } from './types.ts';

/**
 * A tensor in a GPU buffer, elements packed in memory order (four uint8 or int8 a word, the lowest byte first).
 * `buffer` throws `disposed` after `dispose()`. Shaders may bind it: see `byteOffset` and `byteLength`.
 */
export interface GpuTensor<D extends DType = DType> extends Tensor {
  readonly location: 'webgpu';
  readonly dtype: D;
  readonly device: GpuDevice;
  readonly buffer: GpuBuffer;
  /** Where the elements begin in `buffer`: a multiple of 256, or of the device's `minStorageBufferOffsetAlignment`. */
  readonly byteOffset: number;
  /** The elements' bytes, rounded up to 4. */
  readonly byteLength: number;
  /** Copies the elements to the CPU; counted, see `countReadbacks`. @throws SegmentError `device-lost`, `disposed` */
  read(options?: AbortOptions): Promise<TypedArrayOf[D]>;
}

/** For {@link createGpuTensor}: a buffer, and what it holds. */
export interface GpuTensorOptions<D extends DType> {
  /** The buffer's own device. */
  readonly device: GpuDevice;
  readonly buffer: GpuBuffer;
  readonly dtype: D;
  readonly shape: readonly number[];
  /** Where the elements begin in the buffer, in bytes; 0 by default. */
  readonly byteOffset?: number | undefined;
  /** Called once by `dispose()`: the buffer is borrowed. Without it the tensor owns the buffer and destroys it. */
  readonly release?: (() => void) | undefined;
  /** Looks at what `read()` is about to give, and throws where it must not be given. */
  readonly verify?: ((data: TypedArrayOf[D]) => void) | undefined;
}

/**
 * Wraps a buffer as a tensor without copying it.
 *
 * @throws SegmentError `invalid-input`: a buffer too small, an offset that shaders cannot bind, or a buffer made without
 * the usages STORAGE and COPY_SRC
 */
export function createGpuTensor<D extends DType>(options: GpuTensorOptions<D>): GpuTensor<D> {
  const { device, dtype, shape, byteOffset = 0, verify } = options;
  const bytes = elementCount(shape) * BYTES[dtype];
  const byteLength = Math.ceil(bytes / 4) * 4;
  requireBuffer(options, byteOffset, byteLength);
  let live: GpuBuffer | null = options.buffer;
  const use = (): GpuBuffer => {
    if (live === null) throw new SegmentError('disposed', 'this tensor was disposed');
    return live;
  };
  const tensor: GpuTensor<D> = {
    location: 'webgpu',
    dtype,
    shape,
    device,
    byteOffset,
    byteLength,
    get buffer() {
      return use();
    },
    async read({ signal } = {}) {
      signal?.throwIfAborted();
      const memory = await readBuffer(device, { buffer: use(), byteOffset }, bytes, signal);
      const data = viewAs(dtype, memory);
      verify?.(data);
      return data;
    },
    dispose() {
      const buffer = live;
      live = null;
      if (buffer === null) return;
      if (options.release !== undefined) options.release();
      else buffer.destroy();
    },
  };
  return withDisposeSymbol(tensor, 'dispose');
}

/** True for a tensor whose elements lie in a GPU buffer of this process' thread. */
export function isGpuTensor(tensor: Tensor): tensor is GpuTensor {
  return tensor.location === 'webgpu' && 'device' in tensor;
}

const BYTES: Readonly<Record<DType, number>> = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8 };

function viewAs<D extends DType>(dtype: D, memory: ArrayBuffer): TypedArrayOf[D] {
  const data = createTypedArray(dtype, 0);
  // biome-ignore lint/plugin: the constructor of an array of that very type
  return new (data.constructor as new (memory: ArrayBuffer) => TypedArrayOf[D])(memory);
}

function requireBuffer(
  { device, buffer, shape }: Pick<GpuTensorOptions<DType>, 'device' | 'buffer' | 'shape'>,
  byteOffset: number,
  byteLength: number,
): void {
  const needed = USAGE.storage | USAGE.copySource;
  const isBindable = byteOffset % device.limits.minStorageBufferOffsetAlignment === 0;
  if (isBindable && byteOffset + byteLength <= buffer.size && (buffer.usage & needed) === needed) return;
  throw new SegmentError('invalid-input', `the buffer of a GPU tensor [${shape}]`, {
    expected: `${byteLength} bytes from a multiple of ${device.limits.minStorageBufferOffsetAlignment} on, usable as STORAGE and COPY_SRC`,
    received: `${buffer.size} bytes, from ${byteOffset} on, of usage 0x${buffer.usage.toString(16)}`,
  });
}
