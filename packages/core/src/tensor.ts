import { SegmentError } from './errors.ts';
import { type AbortOptions, type Owned, withDisposeSymbol } from './owned.ts';

/** Element types that tensors may have. */
export type DType = 'float32' | 'uint8' | 'int8' | 'int32' | 'int64';

/** The typed array that holds each element type. */
export interface TypedArrayOf {
  float32: Float32Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int32: Int32Array;
  int64: BigInt64Array;
}

export type TypedArray = TypedArrayOf[DType];

/** A block of numbers that knows where it lives. Whoever receives one owns it. */
export interface Tensor extends Owned {
  readonly location: 'cpu' | 'webgpu' | 'worker';
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The elements in memory order, for the caller to keep. Copies off the device where the tensor lives on one. */
  read(options?: AbortOptions): Promise<TypedArray>;
}

/** A tensor in memory. `data` throws `disposed` after `dispose()`. */
export interface CpuTensor<D extends DType = DType> extends Tensor {
  readonly location: 'cpu';
  readonly dtype: D;
  readonly data: TypedArrayOf[D];
}

/** True for a tensor whose elements can be used at once through `data`. */
export function isCpuTensor(tensor: Tensor): tensor is CpuTensor {
  return tensor.location === 'cpu';
}

/** How many elements a shape holds. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

const ARRAYS = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
} as const;

/** A new zeroed array for `length` elements of `dtype`. */
export function createTypedArray<D extends DType>(dtype: D, length: number): TypedArrayOf[D] {
  // biome-ignore lint/plugin: TypeScript does not follow the index from DType to constructor
  return new ARRAYS[dtype](length) as TypedArrayOf[D];
}

/**
 * Wraps `data` as a tensor of `shape` without copying it.
 * With `release`, the memory is borrowed: `read()` copies, and `dispose()` calls `release` once. Without it, the tensor
 * owns `data` and `read()` gives it away.
 *
 * @throws SegmentError `invalid-input` when shape and data disagree
 */
export function createCpuTensor<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: TypedArrayOf[D],
  release?: () => void,
): CpuTensor<D> {
  if (data.length !== elementCount(shape)) {
    throw new SegmentError('invalid-input', `a tensor of shape [${shape}]`, {
      expected: `${elementCount(shape)} elements`,
      received: `${data.length}`,
    });
  }
  let live: TypedArrayOf[D] | null = data;
  const use = (): TypedArrayOf[D] => {
    if (live === null) throw new SegmentError('disposed', 'this tensor was disposed');
    return live;
  };
  const tensor: CpuTensor<D> = {
    location: 'cpu',
    dtype,
    shape,
    get data() {
      return use();
    },
    async read(options) {
      options?.signal?.throwIfAborted();
      return release === undefined ? use() : use().slice();
    },
    dispose() {
      if (live === null) return;
      live = null;
      release?.();
    },
  };
  return withDisposeSymbol(tensor, 'dispose');
}

/** Tensors whose memory comes back: a steady frame allocates nothing large. */
export interface TensorPool {
  /** A tensor with undefined contents, the caller's until `dispose()`, which gives its memory back to the pool. */
  take<D extends DType>(dtype: D, shape: readonly number[]): CpuTensor<D>;
  /** Forgets all free memory; tensors that are still out stay valid and are not taken back. */
  clear(): void;
}

/** At most this many free arrays of one kind are kept: one in work, one shown, one to spare. */
const FREE_ARRAYS = 3;

export function createTensorPool(): TensorPool {
  const free = new Map<string, TypedArray[]>();
  let generation = 0;
  return {
    take(dtype, shape) {
      const length = elementCount(shape);
      const key = `${dtype}:${length}`;
      // biome-ignore lint/plugin: arrays under a key were made by createTypedArray(dtype, length)
      const data = (free.get(key)?.pop() ?? createTypedArray(dtype, length)) as TypedArrayOf[typeof dtype];
      const born = generation;
      return createCpuTensor(dtype, shape, data, () => {
        if (born !== generation) return;
        const list = free.get(key) ?? [];
        if (list.length < FREE_ARRAYS) list.push(data);
        free.set(key, list);
      });
    },
    clear() {
      generation++;
      free.clear();
    },
  };
}
