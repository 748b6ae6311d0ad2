import { createCpuStages, type LoadedModel, type Stages } from '@seg/core';
import { type BrowserImage, createImageReader, type ImageReaderOptions } from './images.ts';

/**
 * Core's stages on the CPU for every kind of picture that {@link createImageReader} reads; in Node for pixels alone. The
 * caller owns them.
 */
export function createWebStages(
  model: Pick<LoadedModel, 'card' | 'variant'>,
  options: ImageReaderOptions = {},
): Stages<BrowserImage> {
  const stages = createCpuStages(model);
  const reader = createImageReader(options);
  return {
    async prepare(image, given = {}) {
      const pixels = await reader.read(image, given);
      return await stages.prepare(pixels, given);
    },
    decode: stages.decode,
    dispose() {
      reader.dispose();
      stages.dispose();
    },
  };
}
