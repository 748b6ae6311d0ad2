// The one file that names @litertjs/core, and calls into its wasm. The vendor's own JavaScript around that wasm is left
// out: it keeps one instance a page, makes GPU devices that nobody asked for, falls back to wasm by itself, loses memory
// where opening fails, and knows neither int8 nor int64.
import type { LiteRt } from '@litertjs/core';
import { type DType, SegmentError } from '@seg/core';
import type { FileValue } from '@seg/core/adapter';
import type { GpuBuffer } from '@seg/web/gpu';
import type { TfliteFile } from './tflite-file.ts';

/** The vendor's wasm module, started. */
export type Wasm = LiteRt['liteRtWasm'];
/** What the vendor's script exports: starts a wasm module of its own. */
export type Factory = (options: Readonly<Record<string, unknown>>) => Promise<Wasm>;
/** Where the vendor computes: on one GPU device, or on none. */
export type Environment = ReturnType<Wasm['LiteRtEnvironment']['create']>;
/** Memory that a run reads or writes, on the wasm heap or on the GPU. Whoever has it deletes it. */
export type VendorBuffer = ReturnType<Wasm['LiteRtTensorBuffer']['createManaged']>;
type TensorType = ReturnType<VendorBuffer['tensorType']>;
type Requirements = ReturnType<Awaited<ReturnType<Wasm['compileModel']>>['getInputBufferRequirements']>;

/** An input or output. `name` is its tensor's, as other runtimes know it. */
export interface Value extends FileValue {
  /** What the file's signature calls it. */
  readonly alias: string;
}

/** A file that the vendor has open. */
export interface VendorFile {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Whether all of it computes on the GPU, from GPU buffers to GPU buffers. */
  readonly isOnGpu: boolean;
  /** Memory on the wasm heap for the first input, whose shape must be fixed. */
  createInput(): VendorBuffer;
  /** A GPU buffer as the first input. It stays the caller's; `giveBack` ends what the vendor knows of it. */
  borrowInput(buffer: GpuBuffer): { readonly input: VendorBuffer; giveBack(): void };
  /** Blocks the thread. Output `index` in a new buffer, which must go before the environment. */
  run(input: VendorBuffer, index: number): VendorBuffer;
  release(): void;
}

/** A wasm module that runs, and where it computes. */
export interface Vendor {
  readonly wasm: Wasm;
  readonly environment: Environment;
}

export interface OpenOptions {
  readonly accelerator: 'wasm' | 'webgpu';
  readonly threads: number;
}

/**
 * Opens a file. An open batch (-1) becomes 1: the vendor has fixed ones alone.
 *
 * @throws whatever the vendor throws; SegmentError `runtime` (memory)
 */
export function openFile(
  vendor: Vendor,
  bytes: Uint8Array,
  said: TfliteFile,
  options: OpenOptions,
): VendorFile {
  const undo: (() => void)[] = [];
  const release = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    return { ...open(vendor, bytes, said, options, undo), release };
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) release();
    throw error;
  }
}

function open(
  { wasm, environment }: Vendor,
  bytes: Uint8Array,
  { openBatches, tensorNames }: TfliteFile,
  { accelerator, threads }: OpenOptions,
  undo: (() => void)[],
): Omit<VendorFile, 'release'> {
  const address = allocate(wasm, bytes.length);
  undo.push(() => wasm._free(address));
  wasm.HEAPU8.set(bytes, address);
  for (const at of openBatches) wasm.HEAPU8.set([1, 0, 0, 0], address + at);
  const model = wasm.loadModel(environment, address, bytes.length);
  undo.push(() => model.delete());
  const options = {
    accelerator,
    cpuOptions: { numThreads: threads }, // which the vendor's type lacks
    gpuOptions: { precision: 'fp32' },
    webNNOptions: {},
  } as const;
  const compiled = now(wasm.compileModel(environment, model, options));
  undo.push(() => compiled.delete());
  const signature = model.getSignature(0);
  undo.push(() => signature.delete());

  const { LiteRtTensorBuffer, LiteRtTensorBufferType: place, WebGPU } = wasm;
  const describe = (alias: string, type: TensorType): Value => {
    return { alias, name: tensorNames.get(alias) ?? alias, ...describeType(type) };
  };
  const inputs = toArray(signature.inputNames()).map((name, i) =>
    describe(name, model.getInputTensorType(0, i)),
  );
  const outputs = toArray(signature.outputNames()).map((name, i) =>
    describe(name, model.getOutputTensorType(0, i)),
  );
  const takesGpu = (requirements: Requirements): boolean => {
    const types = toArray(requirements.supportedTypes());
    requirements.delete();
    return types.some(({ value }) => value === place.WEB_GPU_BUFFER_PACKED.value);
  };
  const createInput = (create: (type: TensorType) => VendorBuffer): VendorBuffer => {
    const type = model.getInputTensorType(0, 0);
    const input = create(type);
    type.delete();
    return input;
  };
  return {
    inputs,
    outputs,
    isOnGpu:
      compiled.isFullyAccelerated() &&
      inputs.every((_, i) => takesGpu(compiled.getInputBufferRequirements(0, i))) &&
      outputs.every((_, i) => takesGpu(compiled.getOutputBufferRequirements(0, i))),
    createInput: () =>
      createInput((type) =>
        LiteRtTensorBuffer.createManaged(environment, place.HOST_MEMORY, type, type.bytes()),
      ),
    borrowInput(buffer) {
      const known = WebGPU.importJsBuffer(buffer);
      const input = createInput((type) =>
        LiteRtTensorBuffer.createFromWebGpuBuffer(
          environment,
          type,
          place.WEB_GPU_BUFFER_PACKED,
          known,
          buffer.size,
        ),
      );
      return {
        input,
        giveBack() {
          input.delete();
          wasm.wgpuBufferRelease(known);
        },
      };
    },
    run(input, index) {
      const made = now(compiled.run(0, [input]));
      for (const [i, buffer] of made.entries()) if (i !== index) buffer.delete();
      const output = made[index];
      if (output !== undefined) return output;
      throw new SegmentError('runtime', `LiteRT gave ${made.length} outputs`);
    },
  };
}

/** The vendor's builds with JSPI answer later; those that we start do not. */
function now<Result>(result: Result | Promise<Result>): Result {
  if (!(result instanceof Promise)) return result;
  throw new SegmentError('unsupported', 'a build of LiteRT that answers later');
}

/** @throws SegmentError `runtime`: the vendor would go on with address 0 */
function allocate(wasm: Wasm, bytes: number): number {
  const address = wasm._malloc(bytes);
  if (address !== 0) return address;
  throw new SegmentError('runtime', `the memory of LiteRT is full: ${bytes} bytes more do not fit`);
}

/** Leaves `mark` in the memory that the next output of this size will get. */
export function markMemory(wasm: Wasm, bytes: number, mark: number): void {
  const address = allocate(wasm, bytes);
  wasm.HEAPU8.fill(mark, address, address + bytes);
  wasm._free(address);
}

/** Fills a buffer on the wasm heap. */
export function writeBuffer(wasm: Wasm, buffer: VendorBuffer, data: ArrayBufferView): void {
  const address = buffer.lock(wasm.LiteRtTensorBufferLockMode.WRITE);
  wasm.HEAPU8.set(bytesOf(data), address);
  buffer.unlock();
}

/** Copies a buffer on the wasm heap into `target`, which must be of its size. @throws SegmentError `runtime` */
export function readBuffer(wasm: Wasm, buffer: VendorBuffer, target: ArrayBufferView): void {
  const size = buffer.packedSize();
  if (size !== target.byteLength) {
    throw new SegmentError('runtime', `LiteRT gave ${size} bytes in place of ${target.byteLength}`);
  }
  const address = buffer.lock(wasm.LiteRtTensorBufferLockMode.READ);
  bytesOf(target).set(wasm.HEAPU8.subarray(address, address + size));
  buffer.unlock();
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The GPU buffer that an output is, packed, perhaps with room to spare. It goes with the output. */
export function gpuBufferOf(wasm: Wasm, output: VendorBuffer): GpuBuffer {
  return wasm.WebGPU.getJsObject(output.getWebGpuBuffer());
}

/** The shape that the vendor gave an output. */
export function shapeOf(output: VendorBuffer): readonly number[] {
  return describeType(output.tensorType()).shape.map((length) => length ?? 0);
}

/** By the vendor's numbers: ElementType in its wasm_binding_types.ts. */
const DTYPES: Readonly<Record<number, DType | 'float16'>> = {
  1: 'float32',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  9: 'int8',
  10: 'float16',
};

function describeType(type: TensorType): {
  readonly dtype: string;
  readonly shape: readonly (number | null)[];
} {
  const { value } = type.elementType();
  const layout = type.layout();
  const shape = toArray(layout.dimensions()).map((length) => (length < 0 ? null : length));
  layout.delete();
  type.delete();
  return { dtype: DTYPES[value] ?? `element type ${value}`, shape };
}

interface Vector<Item> {
  size(): number;
  get(index: number): Item;
  delete(): void;
}

function toArray<Item>(vector: Vector<Item>): Item[] {
  const items = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  vector.delete();
  return items;
}
