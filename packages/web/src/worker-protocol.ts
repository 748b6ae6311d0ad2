import type { DecodeRequest, DType, LoadedModel, Placement, Probe, TypedArray } from '@seg/core';
import type { PackedError } from '@seg/core/adapter';
import type { BrowserImage } from './images.ts';

/** A tensor that stays in the worker, as the page knows it. */
export interface RemoteTensor {
  readonly id: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What a page asks of its worker. Calls are answered in order, one reply each. */
export type WorkerCall =
  | { readonly call: 'probe'; readonly options: unknown; readonly lock: string }
  | { readonly call: 'open'; readonly options: unknown; readonly lock: string; readonly model: LoadedModel }
  | {
      readonly call: 'prepare';
      readonly image: BrowserImage;
      readonly previous: RemoteSegmentation | undefined;
    }
  | { readonly call: 'run'; readonly input: number }
  | {
      readonly call: 'decode';
      readonly raw: number;
      readonly placement: Placement;
      readonly request: DecodeRequest;
    }
  | { readonly call: 'read'; readonly tensor: number }
  | { readonly call: 'close' };

/** A segmentation of the frame before: its raw output stays where it is. */
export interface RemoteSegmentation {
  readonly raw: number;
  readonly placement: Placement;
}

/** What the page posts: a call by its number, an end to one, or a tensor that is no longer needed. */
export type WorkerMessage =
  | ({ readonly number: number } & WorkerCall)
  | { readonly abort: number }
  | { readonly free: number };

/** What each call is answered with. */
export interface WorkerAnswers {
  probe: Probe;
  open: { readonly accelerator: string };
  prepare: { readonly tensor: RemoteTensor; readonly placement: Placement };
  run: RemoteTensor;
  decode: RemoteTensor;
  read: TypedArray;
  close: null;
}

/** What the worker posts: an answer, an error, and once each, that it is there and that it holds the lock it was named. */
export type WorkerReply =
  | { readonly ready: true }
  | { readonly held: true }
  | { readonly number: number; readonly answer: WorkerAnswers[keyof WorkerAnswers] }
  | { readonly number: number; readonly error: PackedError };
