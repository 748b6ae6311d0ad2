import {
  createCpuTensor,
  createTypedArray,
  elementCount,
  isCpuTensor,
  type LoadedModel,
  type ModelVariant,
  SegmentError,
  type Tensor,
  type TypedArray,
} from '@seg/core';
import { type Engine, inputShape, outputShape } from '@seg/core/adapter';
import type { Instance } from './instance.ts';
import { openModel } from './open-model.ts';
import { markMemory, readBuffer, shapeOf, writeBuffer } from './vendor.ts';

/**
 * Opens a file for tensors in memory, and runs it once on noise: that warms it up, and shows whether it computes at all.
 * Takes the share of the instance over.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `runtime`
 */
export function openEngine(instance: Instance, model: LoadedModel, threads: number): Engine {
  const { wasm } = instance;
  const { variant } = model;
  const { dtype } = variant.output;
  const undo = [instance.release];
  const release = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    const opened = instance.use(() => openModel(instance, model, { accelerator: 'wasm', threads }));
    undo.push(() => instance.end(opened.release));
    const input = instance.use(opened.createInput);
    undo.push(() => instance.end(() => input.delete()));
    const run = (data: ArrayBufferView, target: ArrayBufferView): readonly number[] =>
      instance.use(() => {
        writeBuffer(wasm, input, data);
        const output = opened.run(input);
        try {
          readBuffer(wasm, output, target);
          return shapeOf(output);
        } finally {
          output.delete();
        }
      });
    const free: TypedArray[] = [];
    const take = (): TypedArray => free.pop() ?? createTypedArray(dtype, elementCount(outputShape(variant)));
    const noise = createNoise(variant);
    requireComputing((mark) => {
      const target = take();
      instance.use(() => markMemory(wasm, target.byteLength, mark));
      run(noise, target);
      return new Uint8Array(target.buffer);
    });
    return {
      accelerator: 'wasm',
      async run(tensor) {
        const target = take();
        const shape = run(dataOf(tensor), target);
        return createCpuTensor(dtype, shape, target, () => {
          if (free.length < FREE) free.push(target);
        });
      },
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Where the vendor computes nothing, it gives memory as it was. `run` leaves marks in the memory that the output will get:
 * where many are still there, other marks tell whether they are its result.
 *
 * @throws SegmentError `unsupported`
 */
function requireComputing(run: (mark: number) => Uint8Array): void {
  const first = run(0x55);
  if (first.filter((byte) => byte === 0x55).length < first.length / 100) return;
  const second = run(0xaa);
  if (first.every((byte, i) => byte === second[i])) return;
  throw new SegmentError('unsupported', 'LiteRT does not compute this model: it gives what lay in memory', {
    hint: 'Use another runtime, or convert the model with other options',
  });
}

/** Always the same. Floats from 0 to 1, or any bytes. */
export function createNoise(variant: ModelVariant): Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  const length = elementCount(inputShape(variant));
  const byteAt = (_: unknown, i: number): number => Math.imul(i, 0x9e3779b1) >>> 24; // Knuth's multiplicative hash
  if (variant.input.dtype !== 'float32') return Uint8Array.from({ length }, byteAt);
  return Float32Array.from({ length }, (_, i) => byteAt(_, i) / 255);
}

/** So much memory of results that were disposed is written again: a steady frame makes none. */
const FREE = 2;

/** Element type and place have been checked before. */
function dataOf(input: Tensor): ArrayBufferView {
  if (isCpuTensor(input)) return input.data;
  throw new SegmentError('invalid-input', 'litert cannot run this tensor');
}
