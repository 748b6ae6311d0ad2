import { createCpuStages, isCpuTensor, type LoadedModel, type Stages, type Tensor } from '@seg/core';
import { type FakeState, giveTensor, inMemory, takeStep } from './fake-state.ts';

/** Core's CPU stages, counted, with the faults that stages can have. */
export function createFakeStages(state: FakeState, model: LoadedModel): Stages {
  const { counts, options } = state;
  const stages = createCpuStages(options.fault === 'guesses-order' ? withRgb(model) : model);
  let isDisposed = false;
  counts.live++;
  return {
    async prepare(image, prepareOptions) {
      prepareOptions?.signal?.throwIfAborted();
      takeStep(state, 'prepare');
      if (options.fault === 'spoils-image') image.data.fill(0);
      const previous = prepareOptions?.previous;
      const { tensor, placement } = await stages.prepare(image, {
        ...prepareOptions,
        previous: previous && { ...previous, raw: inMemory(state, previous.raw) },
      });
      return { tensor: counted(state, tensor), placement };
    },
    async decode(raw, placement, request, decodeOptions) {
      decodeOptions?.signal?.throwIfAborted();
      takeStep(state, 'decode');
      const decoded = await stages.decode(inMemory(state, raw), placement, request, decodeOptions);
      if (options.fault === 'bends-scores' && request.as === 'scores') bend(decoded);
      return counted(state, decoded);
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      counts.live--;
      stages.dispose();
    },
  };
}

/** A runtime that knows better than the card. */
function withRgb({ card, variant, parts }: LoadedModel): LoadedModel {
  return { card, variant: { ...variant, input: { ...variant.input, order: 'rgb' } }, parts };
}

function counted(state: FakeState, tensor: Tensor): Tensor {
  if (!isCpuTensor(tensor)) return tensor;
  return giveTensor(state, tensor.dtype, tensor.shape, tensor.data, () => tensor.dispose());
}

function bend(tensor: Tensor): void {
  if (!isCpuTensor(tensor) || !(tensor.data instanceof Float32Array)) return;
  tensor.data.set(tensor.data.map((score) => score / 2));
}
