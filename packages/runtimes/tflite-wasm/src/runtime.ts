import {
  abortable,
  createTensorPool,
  isCpuTensor,
  type LoadedModel,
  type ModelSource,
  type Probe,
  type Runtime,
  SegmentError,
} from '@seg/core';
import { createAdapterSession, type Engine, requireRecipe } from '@seg/core/adapter';
import {
  type BrowserImage,
  createWebStages,
  defaultThreads,
  requireIsolation,
  requireThreads,
  requireWasm,
} from '@seg/web';
import { about } from './about.ts';
import type { TfliteWasmSettings } from './options.ts';
import { bytesOf, createVendor, type Platform, type TfliteModel } from './vendor.ts';

/** Where it runs, and where its models come from. */
export interface Place extends Platform {
  readonly source: ModelSource;
}

/** The runtime that computes in the thread it is called in. */
export function createTfliteWasm({ threads }: TfliteWasmSettings, place: Place): Runtime<BrowserImage> {
  requireThreads(threads);
  const count = threads ?? defaultThreads();
  const vendor = createVendor(place, count);
  return {
    ...about,
    source: place.source,
    async probe(): Promise<Probe> {
      try {
        requirePlatform(count);
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      requirePlatform(count);
      const opening = vendor.open(model.parts[0] ?? new Uint8Array());
      // an aborted opening rejects at once, and what it makes all the same is released
      const opened = await abortable(opening, signal).catch((error: unknown) => {
        void opening.then((late) => late.release()).catch(() => {});
        throw error;
      });
      return {
        session: createAdapterSession('tflite-wasm', model.variant, createEngine(opened, model)),
        stages: createWebStages(model),
      };
    },
  };
}

/** Holds the file against its card; releases it where they disagree. */
function createEngine(opened: TfliteModel, { variant }: LoadedModel): Engine {
  const { output } = variant;
  const pool = createTensorPool();
  try {
    requireKnownType(opened, output.name);
    requireRecipe(opened, variant, 'tflite-wasm');
  } catch (error) {
    opened.release();
    throw error;
  }
  return {
    accelerator: 'wasm',
    async run(input) {
      if (!isCpuTensor(input)) throw new SegmentError('invalid-input', 'tflite-wasm runs tensors in memory');
      const { shape, data } = opened.run(input.data, output.name);
      const result = pool.take(output.dtype, shape);
      bytesOf(result.data).set(bytesOf(data));
      return result;
    },
    release() {
      pool.clear();
      opened.release();
    },
  };
}

/** The vendor gives no numbers of other types: its word for them is `unknown`. */
function requireKnownType({ outputs }: TfliteModel, name: string): void {
  if (outputs.find((value) => value.name === name)?.dtype !== 'unknown') return;
  throw new SegmentError('unsupported', `TensorFlow Lite for the web does not give the output "${name}"`, {
    expected: 'an output of float32, uint8, int8 or int32',
    received: 'another element type: int64 or float16, for example',
    hint: 'Take another variant of the model, or convert the file',
  });
}

/** @throws SegmentError `unsupported` */
function requirePlatform(threads: number): void {
  requireWasm();
  if (!WebAssembly.validate(SIMD_WASM)) throw new SegmentError('unsupported', 'WebAssembly has no SIMD here');
  requireIsolation(threads);
}

const EMPTY_WASM = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** A function that makes a v128. */
const SIMD_WASM = Uint8Array.of(
  ...EMPTY_WASM,
  ...[1, 5, 1, 96, 0, 1, 123], // type: () -> v128
  ...[3, 2, 1, 0], // one function of it
  ...[10, 8, 1, 6, 0, 65, 0, 253, 15, 11], // i32.const 0, i8x16.splat
);
