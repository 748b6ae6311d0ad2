import { SegmentError } from '@seg/core';
import { requireLive, stateOf } from './device-state.ts';
import { findAdapter, findGpu, type GpuAdapterOptions } from './find-adapter.ts';
import { beyondDefaults, type RequiredLimits, requireLimits } from './limits.ts';
import type { GpuDevice, GpuLimits } from './types.ts';

/** The right to use a device for a while. Whoever holds it releases it once; nobody who holds it destroys the device. */
export interface GpuLease {
  readonly device: GpuDevice;
  readonly limits: GpuLimits;
  /** Resolves, with the `device-lost` error, when the device is gone. */
  readonly lost: Promise<SegmentError>;
  /** The last one to release a device that was made here gives its memory back. A second call does nothing. */
  release(): void;
}

/** For {@link leaseDevice}: what the device must have, and whether others may use it too. */
export interface LeaseOptions extends GpuAdapterOptions {
  /** Names of `GPUSupportedLimits` and what is needed of each; by default WebGPU's default limits. */
  readonly requiredLimits?: RequiredLimits | undefined;
  /** Names of WebGPU features, for example `shader-f16`. */
  readonly requiredFeatures?: readonly string[] | undefined;
  /** False: a device that no other lease gets. By default equal requests of one page or worker share one device. */
  readonly shared?: boolean | undefined;
  /** The caller's own device: it is checked, counted, and never destroyed. */
  readonly device?: GpuDevice | undefined;
}

/**
 * Leases a device: one for all who ask for the same in this page or worker. Limits that WebGPU's defaults meet make no
 * difference.
 *
 * @throws SegmentError `unsupported` (no WebGPU, no adapter, a limit or feature that it lacks, named with what is
 * offered and what is needed), `device-lost`
 */
export async function leaseDevice(options: LeaseOptions = {}): Promise<GpuLease> {
  const { device, requiredLimits = {}, requiredFeatures = [] } = options;
  if (device !== undefined) {
    requireLimits(device.limits, requiredLimits, 'the device that was passed in');
    requireFeatures(device.features, requiredFeatures);
    return leaseVendorDevice(device);
  }
  const gpu = findGpu();
  if (options.shared === false) return leaseOwn(await makeDevice(gpu, options));
  const devices = sharedDevices(gpu);
  const key = keyOf(options);
  const entry = devices.get(key) ?? shareDevice(devices, key, makeDevice(gpu, options));
  entry.leases++;
  const made = await entry.making;
  return createLease(made, () => {
    entry.leases--;
    if (entry.leases > 0) return;
    entry.forget();
    made.destroy();
  });
}

/** Keeps a device for the next equal request, until it fails, goes, or is released by its last user. */
function shareDevice(
  devices: Map<string, SharedDevice>,
  key: string,
  making: Promise<GpuDevice>,
): SharedDevice {
  const forget = (): void => {
    if (devices.get(key) === entry) devices.delete(key);
  };
  const entry: SharedDevice = { making, forget, leases: 0 };
  devices.set(key, entry);
  making.then((device) => void device.lost.then(forget), forget);
  return entry;
}

/** A lease on a device that a vendor's runtime made for itself. It stays the vendor's: nobody here destroys it. */
export function leaseVendorDevice(device: GpuDevice): GpuLease {
  requireLive(device);
  return createLease(device, () => {});
}

function leaseOwn(device: GpuDevice): GpuLease {
  return createLease(device, () => device.destroy());
}

function createLease(device: GpuDevice, onRelease: () => void): GpuLease {
  let isReleased = false;
  return {
    device,
    limits: device.limits,
    lost: stateOf(device).loss,
    release() {
      if (isReleased) return;
      isReleased = true;
      onRelease();
    },
  };
}

interface SharedDevice {
  readonly making: Promise<GpuDevice>;
  readonly forget: () => void;
  leases: number;
}

const SHARED = Symbol.for('@seg/web/gpu-devices/1');

/** The devices that leases share hang on `navigator.gpu`, so that two copies of this package share them too. */
function sharedDevices(gpu: GPU): Map<string, SharedDevice> {
  // biome-ignore lint/plugin: under this symbol stands only what the lines below put there
  const found = Reflect.get(gpu, SHARED) as Map<string, SharedDevice> | undefined;
  if (found !== undefined) return found;
  const devices = new Map<string, SharedDevice>();
  Reflect.set(gpu, SHARED, devices);
  return devices;
}

function keyOf(options: LeaseOptions): string {
  const { powerPreference, featureLevel, requiredFeatures = [] } = options;
  return JSON.stringify([powerPreference, featureLevel, limitsToAsk(options), [...requiredFeatures].sort()]);
}

/** Compatibility mode has lower defaults: there everything is asked for. */
function limitsToAsk({ featureLevel, requiredLimits = {} }: LeaseOptions): RequiredLimits {
  return featureLevel === 'compatibility' ? requiredLimits : beyondDefaults(requiredLimits);
}

async function makeDevice(gpu: GPU, options: LeaseOptions): Promise<GpuDevice> {
  const { requiredLimits = {}, requiredFeatures = [] } = options;
  const adapter = await findAdapter(gpu, options);
  requireLimits(adapter.limits, requiredLimits, "this browser's WebGPU adapter");
  requireFeatures(adapter.features, requiredFeatures);
  try {
    // biome-ignore lint/plugin: the adapter has just said that it knows these names
    const names = requiredFeatures as readonly GPUFeatureName[];
    return await adapter.requestDevice({
      requiredLimits: { ...limitsToAsk(options) },
      requiredFeatures: [...names],
    });
  } catch (cause) {
    throw new SegmentError('unsupported', 'the WebGPU adapter gives no device', {
      received: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

function requireFeatures(features: { has(name: string): boolean }, required: readonly string[]): void {
  const missing = required.filter((name) => !features.has(name));
  if (missing.length === 0) return;
  throw new SegmentError('unsupported', 'features of WebGPU that are not offered here', {
    expected: missing.join(', '),
    hint: 'Use another precision of the model, or a runtime that computes by wasm.',
  });
}
