import { SegmentError } from '../errors.ts';
import { type Placement, type Size, sameSize, uprightSize } from '../geometry.ts';
import type { PixelImage } from '../image.ts';
import { resolveSelection } from '../labels.ts';
import type { LoadedModel, Stages } from '../runtime.ts';
import type { Segmentation } from '../segmentation.ts';
import { createTensorPool } from '../tensor.ts';
import { createDecoder } from './decoder.ts';
import { createPreparer } from './prepare.ts';
import { checkRaw } from './raw-grid.ts';

/**
 * The reference stages: everything around the network, on the CPU, for tensors in memory. The caller owns them.
 * Input tensors come from a pool that `dispose()` empties.
 */
export function createCpuStages(model: Pick<LoadedModel, 'card' | 'variant'>): Stages<PixelImage> {
  const { card, variant } = model;
  const pool = createTensorPool();
  const preparer = createPreparer(variant.input, pool);
  const decoder = createDecoder(model);

  /** The foreground on the grid itself: the network's own picture of the last frame, whatever the fit. */
  function previousScores(previous: Segmentation, source: Size): Float32Array {
    if (!sameSize(previous.placement.source, source)) {
      throw new SegmentError('invalid-input', 'the previous segmentation is of a frame of another size');
    }
    const size = variant.input.size;
    const whole = { x: 0, y: 0, ...size };
    const placement: Placement = { source: size, orientation: 1, region: whole, grid: size, rect: whole };
    const select = [resolveSelection(undefined, card)];
    return decoder.scores(checkRaw(previous.raw, variant.output), placement, { as: 'scores', size, select })
      .data;
  }

  return {
    async prepare(image, { signal, previous } = {}) {
      signal?.throwIfAborted();
      const wanted = variant.input.extra === 'previous-mask' && previous !== undefined;
      const scores = wanted ? previousScores(previous, uprightSize(image, image.orientation ?? 1)) : null;
      return preparer.prepare(image, scores);
    },
    async decode(raw, placement, request, { signal } = {}) {
      signal?.throwIfAborted();
      const checked = checkRaw(raw, variant.output);
      return request.as === 'classes'
        ? decoder.classes(checked, placement, request.size)
        : decoder.scores(checked, placement, request);
    },
    dispose() {
      pool.clear();
    },
  };
}
