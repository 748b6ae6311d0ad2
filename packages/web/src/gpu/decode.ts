import { type DecodeRequest, type LoadedModel, type Placement, SegmentError, type Size } from '@seg/core';
import type { BufferPool, LentBuffer } from './buffer-pool.ts';
import { classesShader } from './classes-wgsl.ts';
import { planClasses, planIndexes, planScores } from './decode-plan.ts';
import { stridesOf } from './grid.ts';
import { indexesShader, NO_LABEL } from './indexes-wgsl.ts';
import { compile, encode, type Pass, submitChecked } from './pipeline.ts';
import type { Plan, PlanCache } from './plan.ts';
import { scoresShader } from './scores-wgsl.ts';
import { createGpuTensor, type GpuTensor } from './tensor.ts';
import type { GpuDevice } from './types.ts';
import { winnersShader } from './winners-wgsl.ts';

type ScoresRequest = Extract<DecodeRequest, { as: 'scores' }>;

/** Turns one model's checked raw output into classes or scores. The caller owns the tensors. */
export interface GpuDecoder {
  /** uint8 [height, width] */
  classes(raw: GpuTensor, placement: Placement, size: Size): Promise<GpuTensor<'uint8'>>;
  /** float32 [selections, height, width] */
  scores(raw: GpuTensor, placement: Placement, request: ScoresRequest): Promise<GpuTensor<'float32'>>;
}

export function createGpuDecoder(
  device: GpuDevice,
  { card, variant }: Pick<LoadedModel, 'card' | 'variant'>,
  pool: BufferPool,
  plans: PlanCache,
): GpuDecoder {
  const recipe = variant.output;
  const labelCount = card.labels.names.length;
  const strides = stridesOf(recipe);
  const samples = strides.width * strides.height;

  /** From the plan to the submission nothing waits: what the queue is given stays in its order. */
  async function submit(
    key: readonly unknown[],
    make: () => Plan,
    passes: (plan: GPUBindingResource) => readonly Pass[],
  ): Promise<void> {
    const name = JSON.stringify(key);
    const plan = plans.get(name, make);
    try {
      await submitChecked(device, plan.isNew, () => {
        const encoder = device.createCommandEncoder();
        encode(device, encoder, passes({ buffer: plan.buffer }));
        device.queue.submit([encoder.finish()]);
      });
    } catch (error) {
      plans.forget(name);
      throw error;
    }
  }

  async function classesOfIndexes(
    raw: GpuTensor,
    placement: Placement,
    size: Size,
    out: LentBuffer,
  ): Promise<void> {
    const pipeline = await compile(device, indexesShader(recipe));
    await submit(
      ['indexes', placement, size],
      () => planIndexes(placement, size, recipe, labelCount),
      (plan) => [{ pipeline, bindings: [plan, binding(raw), { buffer: out.buffer }], threads: words(size) }],
    );
  }

  async function classesOfValues(
    raw: GpuTensor,
    placement: Placement,
    size: Size,
    out: LentBuffer,
  ): Promise<void> {
    const [finding, choosing] = await Promise.all([
      compile(device, winnersShader(recipe)),
      compile(device, classesShader(recipe)),
    ]);
    const lent = await pool.take(samples * 4);
    const winners = { buffer: lent.buffer };
    try {
      await submit(
        ['classes', placement, size],
        () => planClasses(placement, size, recipe),
        (plan) => [
          { pipeline: finding, bindings: [winners, binding(raw)], threads: samples },
          {
            pipeline: choosing,
            bindings: [plan, binding(raw), winners, { buffer: out.buffer }],
            threads: words(size),
          },
        ],
      );
    } finally {
      lent.release();
    }
  }

  return {
    async classes(raw, placement, size) {
      const out = await pool.take(size.width * size.height);
      try {
        const fill = recipe.values === 'class-index' ? classesOfIndexes : classesOfValues;
        await fill(raw, placement, size, out);
      } catch (error) {
        out.release();
        throw error;
      }
      const shape = [size.height, size.width];
      const verify = recipe.values === 'class-index' ? requireLabels(recipe.name, labelCount) : undefined;
      return createGpuTensor({ device, dtype: 'uint8', shape, ...out, verify });
    },
    async scores(raw, placement, { size, select }) {
      const threads = select.length * size.width * size.height;
      const pipeline = await compile(device, scoresShader(recipe));
      const out = await pool.take(threads * 4);
      try {
        await submit(
          ['scores', placement, size, select],
          () => planScores(placement, size, recipe, select),
          (plan) => [{ pipeline, bindings: [plan, binding(raw), { buffer: out.buffer }], threads }],
        );
      } catch (error) {
        out.release();
        throw error;
      }
      const shape = [select.length, size.height, size.width];
      return createGpuTensor({ device, dtype: 'float32', shape, ...out });
    },
  };
}

function binding({ buffer, byteOffset, byteLength }: GpuTensor): GPUBindingResource {
  return { buffer, offset: byteOffset, size: byteLength };
}

function words({ width, height }: Size): number {
  return Math.ceil((width * height) / 4);
}

/** A wrong card must not be found out as a wrong picture; and nothing is read back to find it out. */
function requireLabels(name: string, labelCount: number): (classes: Uint8Array) => void {
  return (classes) => {
    if (labelCount > NO_LABEL || !classes.includes(NO_LABEL)) return;
    throw new SegmentError(
      'invalid-card',
      `the model's output "${name}" holds class indexes without a label`,
      {
        expected: `0 to ${labelCount - 1}`,
      },
    );
  };
}
