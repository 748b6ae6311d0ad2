import { SegmentError } from '@seg/core';
import type { FreeBuffers } from './free-buffers.ts';
import type { GpuDevice } from './types.ts';

/** What hangs on one device: shared by all who use it, also through two copies of this package. */
export interface DeviceState {
  /** How often and how much was copied off the device by `read()`. */
  readonly readbacks: { reads: number; bytes: number };
  /** Compiled shaders by their code. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** Buffers to read through. */
  readonly staging: FreeBuffers;
  /** Called when the device goes away. */
  readonly pending: Set<() => void>;
  /** Resolves when the device is gone. */
  readonly loss: Promise<SegmentError>;
  /** Why the device is gone; null while it is there. */
  lost: string | null;
}

const STATE = Symbol.for('@seg/web/gpu-device/1');

export function stateOf(device: GpuDevice): DeviceState {
  // biome-ignore lint/plugin: under this symbol stands only what the lines below put there
  const found = Reflect.get(device, STATE) as DeviceState | undefined;
  if (found !== undefined) return found;
  const state: DeviceState = {
    readbacks: { reads: 0, bytes: 0 },
    pipelines: new Map(),
    staging: new Map(),
    pending: new Set(),
    loss: device.lost.then(({ reason, message }) => {
      // browsers end it with a full stop, and so do our own messages
      state.lost = [reason, message.replace(/\.$/, '')].filter(Boolean).join(': ');
      for (const fail of [...state.pending]) fail();
      return lossError(state.lost);
    }),
    lost: null,
  };
  Reflect.set(device, STATE, state);
  return state;
}

/** @throws SegmentError `device-lost` */
export function requireLive(device: GpuDevice): DeviceState {
  const state = stateOf(device);
  if (state.lost !== null) throw lossError(state.lost);
  return state;
}

/** A call that fails because its device goes may fail a moment before the browser says that the device is gone. */
const LOSS_DELAY_MS = 100;

/**
 * `work` of the device, which fails as soon as the device is gone, whatever `work` itself says to that. In place of
 * `Promise.race([work, lost])`, which keeps every result for as long as the device lives.
 *
 * @throws SegmentError `device-lost`; what `work` throws, a moment later: the loss may be the cause, and come after it
 */
export function whileAlive<Result>(device: GpuDevice, work: Promise<Result>): Promise<Result> {
  const state = stateOf(device);
  return new Promise((resolve, reject) => {
    const fail = (): void => end(() => reject(lossError(state.lost ?? 'unknown')));
    const end = (settle: () => void): void => {
      state.pending.delete(fail);
      settle();
    };
    if (state.lost === null) state.pending.add(fail);
    else fail();
    work.then(
      (result) => end(() => resolve(result)),
      (reason) => setTimeout(() => end(() => reject(reason)), LOSS_DELAY_MS),
    );
  });
}

function lossError(reason: string): SegmentError {
  return new SegmentError('device-lost', 'the GPU device is gone', {
    received: reason,
    hint: 'Lease a device again and create a new segmenter.',
  });
}
