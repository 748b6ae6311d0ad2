import { createTypedArray, type LoadedModel, type ModelVariant, type TypedArray } from '@seg/core';
import { runTinyNetwork } from './tiny-network.ts';

/**
 * The fake's answer: of the tiny models the true one, of any other card the class whose place on the scale from dark to
 * bright is nearest to the input's brightness, channel 0 the darkest. New, as the output recipe says.
 */
export function runFakeNetwork(
  { card, variant }: Pick<LoadedModel, 'card' | 'variant'>,
  data: TypedArray,
): TypedArray {
  return runTinyNetwork(card, variant, data) ?? rankByBrightness(variant, data);
}

function rankByBrightness({ input, output }: ModelVariant, data: TypedArray): TypedArray {
  const indexed = output.values === 'class-index';
  const channels = indexed ? 1 : output.channels.length;
  const area = output.size.width * output.size.height;
  const { scale, zeroPoint } = output.quantization ?? { scale: 1, zeroPoint: 0 };
  const result = createTypedArray(output.dtype, area * channels);
  for (let at = 0; at < area; at++) {
    const brightness = brightnessAt(input, data, output.size, at);
    for (let c = 0; c < channels; c++) {
      const value = indexed
        ? Math.round(brightness)
        : 4 - 8 * Math.abs(brightness - c / Math.max(1, channels - 1));
      const to = output.layout === 'chw' ? c * area + at : at * channels + c;
      if (result instanceof BigInt64Array) result[to] = BigInt(value);
      else result[to] = value / scale + zeroPoint;
    }
  }
  return result;
}

/** Brightness, 0 to 1, of the input pixel under an output cell. */
function brightnessAt(
  { size, layout, mean, std, quantization, extra }: ModelVariant['input'],
  data: TypedArray,
  out: ModelVariant['output']['size'],
  at: number,
): number {
  const x = Math.floor((((at % out.width) + 0.5) * size.width) / out.width);
  const y = Math.floor(((Math.floor(at / out.width) + 0.5) * size.height) / out.height);
  const pixel = y * size.width + x;
  const channels = extra === undefined ? 3 : 4;
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const bytes = [0, 1, 2].map((c) => {
    const from = layout === 'chw' ? c * size.width * size.height + pixel : pixel * channels + c;
    return (Number(data[from]) - zeroPoint) * scale * (std[c] ?? 1) + (mean[c] ?? 0);
  });
  return Math.min(1, Math.max(0, bytes.reduce((sum, byte) => sum + byte, 0) / 765));
}
