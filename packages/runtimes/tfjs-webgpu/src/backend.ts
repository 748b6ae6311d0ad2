import { type AbortOptions, SegmentError } from '@seg/core';
import { type GpuDevice, type GpuLease, leaseVendorDevice } from '@seg/web/gpu';
import { firstLine, type Tf, type TfjsAccelerator, type Vendor } from './vendor.ts';
import { placeWasm, requireWasm, type WasmSettings, whileThreadsWork } from './wasm.ts';

export interface Settings extends WasmSettings {
  readonly accelerator: TfjsAccelerator;
}

/** The right to compute on tfjs's one back end, beside others who asked for the same one. */
export interface BackendLease extends Vendor {
  readonly accelerator: TfjsAccelerator;
  /** On the back end's own device; null where it has none. */
  readonly gpu: GpuLease | null;
  /** Aborted with the `device-lost` error when that device is gone. */
  readonly lost: AbortSignal;
  /** A second call does nothing. */
  release(): void;
}

/** What all users of one tfjs share, also through two copies of this package: it hangs on tfjs's engine. */
interface Shared {
  /** Leases that are not released. */
  users: number;
  /** The back end that was set here, not by the page: when nobody uses it, another may take its place. */
  ours: string | null;
  /** The last start's end: two at once would undo each other. */
  last: Promise<unknown>;
}

const SHARED = Symbol.for('@seg/tfjs-webgpu');

function sharedOf(tf: Tf): Shared {
  // biome-ignore lint/plugin: under this symbol stands only what the lines below put there
  const found = Reflect.get(tf.engine(), SHARED) as Shared | undefined;
  if (found !== undefined) return found;
  const shared: Shared = { users: 0, ours: null, last: Promise.resolve() };
  Reflect.set(tf.engine(), SHARED, shared);
  return shared;
}

/**
 * Says whether a back end can be had here, as far as that can be said without starting it.
 *
 * @throws SegmentError `unsupported`: another one is in use, or what it needs is missing
 */
export async function requireBackend(
  { tf, wasm }: Vendor,
  { accelerator, threads }: Settings,
): Promise<void> {
  const shared = sharedOf(tf);
  const current = tf.getBackend();
  if (current && current !== accelerator && (shared.users > 0 || shared.ours !== current)) {
    throw new SegmentError('unsupported', 'tfjs has one back end at a time', {
      expected: `${current}, which is in use`,
      received: accelerator,
      hint: 'Dispose of the segmenters that use it, or open this one in a worker.',
    });
  }
  if (accelerator === 'webgpu' && !isStarted(tf, accelerator)) await requireAdapter();
  if (wasm === null) return;
  if (!isStarted(tf, accelerator)) return requireWasm(threads);
  if (threads === undefined || threads === wasm.getThreadsCount()) return;
  throw new SegmentError('unsupported', 'tfjs-wasm starts once, and keeps its threads', {
    expected: `${wasm.getThreadsCount()}`,
    received: `${threads}`,
  });
}

/** @throws SegmentError `unsupported` (also as {@link requireBackend}), `fetch` (its wasm file); or `signal.reason` */
export function leaseBackend(
  vendor: Vendor,
  settings: Settings,
  options: AbortOptions,
): Promise<BackendLease> {
  const shared = sharedOf(vendor.tf);
  const lease = shared.last.then(async () => {
    options.signal?.throwIfAborted();
    await requireBackend(vendor, settings);
    const gpu = await start(vendor, settings, options);
    shared.users++;
    let isReleased = false;
    const loss = new AbortController();
    void gpu?.lost.then((error) => loss.abort(error));
    return {
      ...vendor,
      accelerator: settings.accelerator,
      gpu,
      lost: loss.signal,
      release() {
        if (!isReleased) shared.users--;
        isReleased = true;
        gpu?.release();
      },
    };
  });
  shared.last = lease.catch(() => {});
  return lease;
}

/** Makes it tfjs's current back end, and where it has a device, leases that. */
async function start(vendor: Vendor, settings: Settings, options: AbortOptions): Promise<GpuLease | null> {
  const { tf } = vendor;
  const { accelerator } = settings;
  const isNew = !isStarted(tf, accelerator) || isLost(tf, accelerator);
  if (isNew) {
    const from = accelerator === 'wasm' ? `, from ${await placeWasm(vendor, settings, options)}` : '';
    const said = await startAnew(tf, settings);
    if (said !== null) {
      throw new SegmentError('unsupported', `tfjs does not start its back end ${accelerator}${from}`, {
        received: firstLine(said),
        ...((settings.threads ?? 1) > 1 && {
          hint: "Bundled with Vite, threads need build.minify: 'esbuild'.",
        }),
        cause: said,
      });
    }
  }
  if (isNew || tf.getBackend() !== accelerator) sharedOf(tf).ours = accelerator;
  if (tf.getBackend() !== accelerator) await tf.setBackend(accelerator);
  const device = deviceOf(tf, accelerator);
  return device === null ? null : leaseVendorDevice(device);
}

/** @returns null, or why it did not start: tfjs itself keeps that to the console. */
async function startAnew(tf: Tf, { accelerator, threads = 1 }: Settings): Promise<unknown> {
  const { factory, priority } = tf.engine().registryFactory[accelerator] ?? {};
  if (factory === undefined) return 'it is not registered: there was no navigator.gpu when it was imported';
  const register = (make: typeof factory): void => {
    tf.removeBackend(accelerator); // one that has started would stay, with the device that it has
    tf.registerBackend(accelerator, make, priority);
  };
  let said: unknown = 'it gives no reason';
  register(async () => {
    try {
      return await (threads > 1 ? whileThreadsWork(factory) : factory());
    } catch (error) {
      said = error;
      throw error;
    }
  });
  const isSet = await quietly(tf, async () => {
    const isSet = await tf.setBackend(accelerator);
    if (isSet) tf.scalar(0).dispose(); // with its first tensor in Node, the one on the CPU advertises another package
    return isSet;
  });
  if (!isSet) register(factory);
  else Object.assign(tf.engine().registryFactory[accelerator] ?? {}, { factory }); // for the next start
  return isSet ? null : said;
}

/** tfjs warns on the console of what is thrown here. */
async function quietly<Result>(tf: Tf, work: () => Promise<Result>): Promise<Result> {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    return await work();
  } finally {
    tf.env().set('PROD', before);
  }
}

function isStarted(tf: Tf, accelerator: string): boolean {
  return accelerator in tf.engine().registry;
}

function deviceOf(tf: Tf, accelerator: string): GpuDevice | null {
  const device: unknown = Object(tf.engine().registry[accelerator]).device;
  // biome-ignore lint/plugin: the webgpu back end's device, which it has from the browser; the others have none
  return device === undefined ? null : (device as GpuDevice);
}

function isLost(tf: Tf, accelerator: string): boolean {
  const device = deviceOf(tf, accelerator);
  try {
    if (device !== null) leaseVendorDevice(device).release();
    return false;
  } catch {
    return true;
  }
}

/** tfjs would start on the CPU instead, and say so on the console alone. */
async function requireAdapter(): Promise<void> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (gpu === undefined) {
    throw new SegmentError('unsupported', 'there is no WebGPU (navigator.gpu) here', {
      hint:
        globalThis.location === undefined
          ? "In Node the package `webgpu` gives it; else accelerator: 'wasm'"
          : "It needs https, or localhost, and a browser that has it; else accelerator: 'wasm'",
    });
  }
  if ((await gpu.requestAdapter({ powerPreference: 'high-performance' })) !== null) return;
  throw new SegmentError('unsupported', 'WebGPU gives no adapter here', {
    hint: "The browser has switched it off for this GPU; use accelerator: 'wasm'",
  });
}
