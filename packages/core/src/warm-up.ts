import type { PixelImage } from './image.ts';
import type { AbortOptions } from './owned.ts';
import type { Segmenter } from './segmenter.ts';

/**
 * Segments and decodes a blank picture of the model's own size, so that what a runtime does only once (compiling
 * shaders, growing memory) is done before the first real picture. Takes any segmenter that takes pixels.
 *
 * @throws SegmentError as `segment`; or `signal.reason`
 */
export async function warmUp(segmenter: Segmenter<PixelImage>, { signal }: AbortOptions = {}): Promise<void> {
  const { model, variant } = segmenter;
  const { width, height } = model.variants.find(({ id }) => id === variant)?.input.size ?? {
    width: 64,
    height: 64,
  };
  const data = new Uint8Array(width * height * 3);
  const segmentation = await segmenter.segment({ format: 'rgb8', width, height, data }, { signal });
  try {
    (await segmentation.decode({ as: 'classes' }, { signal })).dispose();
  } finally {
    segmentation.dispose();
  }
}
