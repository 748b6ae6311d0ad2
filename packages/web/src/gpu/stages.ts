import {
  isSegmentError,
  type LoadedModel,
  type Placement,
  resolveSelection,
  type Segmentation,
  SegmentError,
  type Size,
  type Stages,
} from '@seg/core';
import { inputShape, outputShape } from '@seg/core/adapter';
import type { BrowserImage } from '../images.ts';
import { createBufferPool } from './buffer-pool.ts';
import { classesShader } from './classes-wgsl.ts';
import { createGpuDecoder } from './decode.ts';
import { requireLive } from './device-state.ts';
import { requireOutput, requireRaw } from './grid.ts';
import { indexesShader } from './indexes-wgsl.ts';
import { type GpuLease, leaseVendorDevice } from './lease.ts';
import { type RequiredLimits, requireLimits } from './limits.ts';
import { createPictures, type OpenPicture } from './picture.ts';
import { compile, type Shader, WORKGROUP } from './pipeline.ts';
import { createPlanCache } from './plan.ts';
import { createGpuPreparer } from './prepare.ts';
import { prepareShader } from './prepare-wgsl.ts';
import type { GpuTensor } from './tensor.ts';
import type { GpuDevice } from './types.ts';
import { winnersShader } from './winners-wgsl.ts';

/** For {@link createGpuStages}: a model, and either a lease or a device. */
export interface GpuStagesOptions {
  /** As `loadModel` gives it: what its input and its output are like. */
  readonly model: Pick<LoadedModel, 'card' | 'variant'>;
  /** Whose device the tensors live on; the stages take the lease over and release it when they are disposed. */
  readonly lease?: GpuLease | undefined;
  /** In place of a lease: a device that stays the caller's, or the vendor's. */
  readonly device?: GpuDevice | undefined;
}

/**
 * Everything around the network on WebGPU: pictures become tensors there, outputs become classes and scores there, and
 * nothing is read back but by `read()`. The same numbers as core's CPU stages: input tensors within float32's rounding,
 * classes but for ties within it. The caller owns the stages.
 *
 * @throws SegmentError `unsupported`, with its reason: a device too small for this model, an output element type other
 * than float32 and int32; `device-lost`
 */
export async function createGpuStages(options: GpuStagesOptions): Promise<Stages<BrowserImage>> {
  const { model, lease = leaseOf(options) } = options;
  try {
    const { device } = lease;
    requireLive(device);
    requireOutput(model.variant);
    requireLimits(device.limits, stageLimits(model.variant), 'the GPU device, for this model');
    // a device whose compiler is at odds with WGSL shows it now, and not at the first picture
    await Promise.all(shadersOf(model.variant).map((shader) => compile(device, shader)));
    return composeStages(lease, model);
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** What nearly every picture needs; the others are compiled when they are first used. */
function shadersOf({ input, output }: LoadedModel['variant']): Shader[] {
  const decoding =
    output.values === 'class-index'
      ? [indexesShader(output)]
      : [winnersShader(output), classesShader(output)];
  return [prepareShader('texture', input), ...decoding];
}

function leaseOf({ device }: GpuStagesOptions): GpuLease {
  if (device !== undefined) return leaseVendorDevice(device);
  throw new SegmentError('invalid-input', 'createGpuStages', { expected: 'a lease or a device' });
}

/** What the stages of a model need of a device: to ask for with `leaseDevice({ requiredLimits })`. */
export function stageLimits(variant: LoadedModel['variant']): RequiredLimits {
  const elements = [inputShape(variant), outputShape(variant)].map((shape) =>
    shape.reduce((product, length) => product * length, 1),
  );
  const bytes = Math.max(...elements) * 4;
  return {
    maxBufferSize: bytes,
    maxStorageBufferBindingSize: bytes,
    maxStorageBuffersPerShaderStage: 4,
    maxComputeInvocationsPerWorkgroup: WORKGROUP,
    maxComputeWorkgroupSizeX: WORKGROUP,
  };
}

type PrepareOptions = NonNullable<Parameters<Stages['prepare']>[1]>;

function composeStages(lease: GpuLease, model: GpuStagesOptions['model']): Stages<BrowserImage> {
  const { device } = lease;
  const { card, variant } = model;
  const pool = createBufferPool(device);
  const plans = createPlanCache(device);
  const pictures = createPictures(device, pool);
  const preparer = createGpuPreparer(device, variant.input, pool, plans);
  const decoder = createGpuDecoder(device, model, pool, plans);
  let isDisposed = false;

  function requireUse(signal: AbortSignal | undefined): void {
    if (isDisposed) throw new SegmentError('disposed', 'these stages were disposed');
    signal?.throwIfAborted();
    requireLive(device);
  }

  /** The foreground on the grid itself: the network's own picture of the last frame, whatever the fit. */
  async function previousScores(previous: Segmentation, source: Size): Promise<GpuTensor> {
    const { width, height } = previous.placement.source;
    if (width !== source.width || height !== source.height) {
      throw new SegmentError('invalid-input', 'the previous segmentation is of a frame of another size');
    }
    const size = variant.input.size;
    const whole = { x: 0, y: 0, ...size };
    const placement: Placement = { source: size, orientation: 1, region: whole, grid: size, rect: whole };
    const select = [resolveSelection(undefined, card)];
    return decoder.scores(requireRaw(previous.raw, variant.output, device), placement, {
      as: 'scores',
      size,
      select,
    });
  }

  async function prepareOpen(picture: OpenPicture, { previous, signal }: PrepareOptions) {
    let scores: GpuTensor | null = null;
    try {
      signal?.throwIfAborted();
      const placement = preparer.place(picture);
      if (variant.input.extra === 'previous-mask' && previous !== undefined) {
        scores = await previousScores(previous, placement.source);
      }
      return { tensor: await preparer.prepare(picture, placement, scores?.buffer ?? null), placement };
    } finally {
      scores?.dispose();
      picture.close();
    }
  }

  return {
    async prepare(image, options = {}) {
      requireUse(options.signal);
      const picture = await pictures.open(image, options);
      try {
        return await prepareOpen(picture, options);
      } catch (error) {
        // what WebGPU itself throws: a closed frame, a canvas of another origin. The CPU knows how to say so
        if (isSegmentError(error) || options.signal?.aborted || picture.kind === 'pixels') throw error;
        return prepareOpen(await pictures.openByCpu(image, options), options);
      }
    },
    async decode(raw, placement, request, { signal } = {}) {
      requireUse(signal);
      const checked = requireRaw(raw, variant.output, device);
      return request.as === 'classes'
        ? decoder.classes(checked, placement, request.size)
        : decoder.scores(checked, placement, request);
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      pictures.dispose();
      plans.clear();
      pool.clear();
      lease.release();
    },
  };
}
