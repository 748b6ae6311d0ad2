import { elementCount, type InputRecipe, type Placement, placeImage } from '@seg/core';
import { inputShape, uprightSize } from '@seg/core/adapter';
import type { BufferPool } from './buffer-pool.ts';
import { packShader } from './pack-wgsl.ts';
import type { OpenPicture } from './picture.ts';
import { compile, encode, type Pass, submitChecked } from './pipeline.ts';
import type { PlanCache } from './plan.ts';
import { planPrepare } from './prepare-plan.ts';
import { prepareShader } from './prepare-wgsl.ts';
import { createGpuTensor, type GpuTensor } from './tensor.ts';
import type { GpuBuffer, GpuDevice } from './types.ts';

/** Brings open pictures into one model's input tensor. */
export interface GpuPreparer {
  place(picture: OpenPicture): Placement;
  /** `previous`: scores [height, width] of the model's grid, float32, or null. The caller owns the tensor. */
  prepare(picture: OpenPicture, placement: Placement, previous: GpuBuffer | null): Promise<GpuTensor>;
}

export function createGpuPreparer(
  device: GpuDevice,
  recipe: InputRecipe,
  pool: BufferPool,
  plans: PlanCache,
): GpuPreparer {
  const shape = inputShape({ input: recipe });
  const count = elementCount(shape);
  const hasExtra = recipe.extra === 'previous-mask';
  const area = recipe.size.width * recipe.size.height;

  return {
    place({ size, orientation }) {
      return placeImage(uprightSize(size, orientation), recipe.size, recipe.fit, orientation);
    },
    async prepare(picture, placement, previous) {
      const { dtype } = recipe;
      const pipeline = await compile(device, prepareShader(picture.kind, recipe));
      const packing = dtype === 'float32' ? null : await compile(device, packShader(dtype, count));
      const reals = await pool.take(count * 4);
      let result = reals;
      const key = JSON.stringify(['prepare', picture.kind, placement, picture.walk, previous !== null]);
      try {
        if (packing !== null) result = await pool.take(count);
        // from here to the submission nothing waits: buffers and texture are the queue's, in its order
        const plan = plans.get(key, () => planPrepare(placement, recipe, picture.walk, previous !== null));
        await submitChecked(device, plan.isNew, () => {
          const encoder = device.createCommandEncoder();
          const bindings: GPUBindingResource[] = [
            { buffer: plan.buffer },
            picture.upload(),
            { buffer: reals.buffer, size: count * 4 },
          ];
          if (hasExtra) bindings.push({ buffer: previous ?? plan.buffer });
          const passes: Pass[] = [{ pipeline, bindings, threads: area }];
          if (packing !== null) {
            const packed = [{ buffer: reals.buffer }, { buffer: result.buffer }];
            passes.push({ pipeline: packing, bindings: packed, threads: Math.ceil(count / 4) });
          }
          encode(device, encoder, passes);
          device.queue.submit([encoder.finish()]);
        });
      } catch (error) {
        plans.forget(key);
        reals.release();
        result.release();
        throw error;
      }
      if (packing !== null) reals.release();
      const { buffer, release } = result;
      return createGpuTensor({ device, dtype, shape, buffer, release });
    },
  };
}
