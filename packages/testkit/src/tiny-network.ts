import { createTypedArray, type ModelCard, type ModelVariant, type TypedArray } from '@seg/core';
import { tinyWeights } from './tiny-weights.generated.ts';

/** One convolution: weights [to, from, kernel, kernel]. */
interface Network {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly from: number;
  readonly to: number;
  readonly weights: readonly number[];
  readonly bias: readonly number[];
}

const NETWORKS: Readonly<Record<string, Network>> = {
  'tiny-rgb': tinyWeights.colors,
  'tiny-external': tinyWeights.colors,
  'tiny-slow': tinyWeights.colors,
  'tiny-uint8': tinyWeights.colors,
  'tiny-int8': tinyWeights.colors,
  'tiny-index': tinyWeights.colors,
  'tiny-nhwc': tinyWeights.colorsOfBgr,
  'tiny-sigmoid': tinyWeights.person,
  'tiny-previous': tinyWeights.previous,
};

/** Planes of real numbers: [channels][height * width]. */
type Planes = readonly Float64Array[];

/**
 * What a tiny model computes, the slow and obvious way: `data` in, in the memory order and element type of the input
 * recipe; a new array out, as the output recipe says. Null for cards that are no tiny model.
 */
export function runTinyNetwork(
  card: Pick<ModelCard, 'id'>,
  { input, output }: Pick<ModelVariant, 'input' | 'output'>,
  data: TypedArray,
): TypedArray | null {
  const network = NETWORKS[card.id];
  if (network === undefined) return null;
  const result = convolve(toPlanes(data, input, network.from), input.size, network);
  const planes = output.values === 'class-index' ? [highest(result)] : result;
  return fromPlanes(planes, output);
}

function convolve(
  planes: Planes,
  { width, height }: ModelVariant['input']['size'],
  { kernel, stride, pad, from, to, weights, bias }: Network,
): Planes {
  const [outWidth, outHeight] = [width, height].map(
    (side) => Math.floor((side + 2 * pad - kernel) / stride) + 1,
  );
  return Array.from({ length: to }, (_, k) => {
    const out = new Float64Array((outWidth ?? 0) * (outHeight ?? 0));
    return out.map((_, at) => {
      const left = (at % (outWidth ?? 1)) * stride - pad;
      const top = Math.floor(at / (outWidth ?? 1)) * stride - pad;
      let sum = bias[k] ?? 0;
      for (let c = 0; c < from; c++) {
        for (let dy = 0; dy < kernel; dy++) {
          for (let dx = 0; dx < kernel; dx++) {
            const [x, y] = [left + dx, top + dy];
            if (x < 0 || y < 0 || x >= width || y >= height) continue;
            sum +=
              (planes[c]?.[y * width + x] ?? 0) *
              (weights[((k * from + c) * kernel + dy) * kernel + dx] ?? 0);
          }
        }
      }
      return sum;
    });
  });
}

/** The channel that is highest, the first among equals. */
function highest(planes: Planes): Float64Array {
  return new Float64Array(planes[0]?.length ?? 0).map((_, at) => {
    const values = planes.map((plane) => plane[at] ?? 0);
    return values.indexOf(Math.max(...values));
  });
}

type Recipe = Pick<ModelVariant['output'], 'layout' | 'dtype' | 'quantization'>;

function toPlanes(data: TypedArray, { layout, quantization }: Recipe, channels: number): Planes {
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const area = data.length / channels;
  return Array.from({ length: channels }, (_, c) =>
    new Float64Array(area).map(
      (_, at) => (Number(data[index(layout, c, at, channels, area)]) - zeroPoint) * scale,
    ),
  );
}

function fromPlanes(planes: Planes, { layout, dtype, quantization }: Recipe): TypedArray {
  const area = planes[0]?.length ?? 0;
  const data = createTypedArray(dtype, area * planes.length);
  planes.forEach((plane, c) => {
    plane.forEach((real, at) => {
      const to = index(layout, c, at, planes.length, area);
      if (data instanceof BigInt64Array) data[to] = BigInt(real);
      else data[to] = quantization === undefined ? real : quantize(real, quantization, dtype);
    });
  });
  return data;
}

function index(layout: 'hwc' | 'chw', c: number, at: number, channels: number, area: number): number {
  return layout === 'chw' ? c * area + at : at * channels + c;
}

/** As ONNX's QuantizeLinear: halves go to the even number, what is too large or small is clamped. */
function quantize(
  real: number,
  { scale, zeroPoint }: { scale: number; zeroPoint: number },
  dtype: string,
): number {
  const value = real / scale;
  const down = Math.floor(value);
  const rounded = value - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(value);
  const [least, most] = dtype === 'int8' ? [-128, 127] : [0, 255];
  return Math.min(most, Math.max(least, rounded + zeroPoint));
}
