import { type LabelSet, labelColor, type Rgb, vocColorMap } from '@seg/core';

/** 256 colours as r, g, b bytes: the labels' own, and the VOC colour map's beyond them. `colors` goes before the labels' own. */
export function paletteOf(labels: LabelSet, colors: readonly Rgb[] | undefined): Uint8Array {
  const palette = vocColorMap();
  const colored = colors === undefined ? labels : { ...labels, colors };
  for (let index = 0; index < Math.min(labels.names.length, 256); index++)
    palette.set(labelColor(colored, index), index * 3);
  return palette;
}
