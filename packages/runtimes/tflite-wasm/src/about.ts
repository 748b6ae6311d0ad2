import type { Runtime } from '@seg/core';

/** What every half of this adapter says of itself. */
export const about: Pick<Runtime, 'name' | 'format' | 'provides'> = {
  name: 'tflite-wasm',
  format: 'tflite',
  provides: ['dynamic-batch'],
};
