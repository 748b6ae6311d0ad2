import type { InputRecipe, OutputRecipe, PixelImage, Placement, Size } from '../src/index.ts';

/** The slow, obvious implementations: one pixel at a time, straight from the definitions. */

/** A value of the raw output, dequantised, at sample (x, y). */
function rawValue(raw: ArrayLike<number>, r: OutputRecipe, channel: number, x: number, y: number): number {
  const { width, height } = r.size;
  const at =
    r.layout === 'chw' ? (channel * height + y) * width + x : (y * width + x) * r.channels.length + channel;
  const { scale, zeroPoint } = r.quantization ?? { scale: 1, zeroPoint: 0 };
  return (Number(raw[at]) - zeroPoint) * scale;
}

/** Where a pixel of the wanted size falls on the output grid; null where the model saw nothing. */
export function locate(
  placement: Placement,
  size: Size,
  samples: Size,
  align: OutputRecipe['align'],
  x: number,
  y: number,
): { x: number; y: number } | null {
  const { source, region, rect, grid } = placement;
  const axis = (
    pixel: number,
    pixels: number,
    whole: number,
    start: number,
    length: number,
    to: number,
    toLength: number,
    gridLength: number,
    count: number,
  ): number | null => {
    const p = ((pixel + 0.5) * whole) / pixels - 0.5;
    if (p + 0.5 < start || p + 0.5 >= start + length) return null;
    const g = ((p - start + 0.5) * toLength) / length - 0.5 + to;
    if (g < -0.5 || g >= gridLength - 0.5) return null;
    const o =
      align === 'corners'
        ? (g * (count - 1)) / Math.max(1, gridLength - 1)
        : ((g + 0.5) * count) / gridLength - 0.5;
    return Math.min(count - 1, Math.max(0, o));
  };
  const ox = axis(
    x,
    size.width,
    source.width,
    region.x,
    region.width,
    rect.x,
    rect.width,
    grid.width,
    samples.width,
  );
  const oy = axis(
    y,
    size.height,
    source.height,
    region.y,
    region.height,
    rect.y,
    rect.height,
    grid.height,
    samples.height,
  );
  return ox === null || oy === null ? null : { x: ox, y: oy };
}

function interpolate(
  raw: ArrayLike<number>,
  r: OutputRecipe,
  channel: number,
  at: { x: number; y: number },
): number {
  const left = Math.floor(at.x);
  const top = Math.floor(at.y);
  const right = Math.min(r.size.width - 1, left + 1);
  const bottom = Math.min(r.size.height - 1, top + 1);
  const fx = at.x - left;
  const fy = at.y - top;
  return (
    rawValue(raw, r, channel, left, top) * (1 - fx) * (1 - fy) +
    rawValue(raw, r, channel, right, top) * fx * (1 - fy) +
    rawValue(raw, r, channel, left, bottom) * (1 - fx) * fy +
    rawValue(raw, r, channel, right, bottom) * fx * fy
  );
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

export interface SlowClasses {
  readonly classes: Uint8Array;
  /** How far the best is ahead of the second, or from the threshold: rounding may decide below 1e-9. */
  readonly margin: Float64Array;
}

export function slowClasses(
  raw: ArrayLike<number>,
  r: OutputRecipe,
  placement: Placement,
  size: Size,
): SlowClasses {
  const classes = new Uint8Array(size.width * size.height);
  const margin = new Float64Array(classes.length).fill(1);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = locate(placement, size, r.size, r.align, x, y);
      if (at === null) continue;
      const slot = y * size.width + x;
      if (r.values === 'class-index') {
        const nearest = Math.round(at.y) * r.size.width + Math.round(at.x);
        classes[slot] = Number(raw[nearest]);
        continue;
      }
      const values = r.channels.map((_, channel) => interpolate(raw, r, channel, at));
      const best = Math.max(...values);
      const winner = values.indexOf(best);
      const probability = r.values === 'logits' ? sigmoid(best) : best;
      const reached = r.classes === 'exclusive' || probability >= r.threshold;
      classes[slot] = reached ? (r.channels[winner] ?? 0) : 0;
      const second = Math.max(Number.NEGATIVE_INFINITY, ...values.filter((_, index) => index !== winner));
      const ahead = best - second;
      margin[slot] = r.classes === 'exclusive' ? ahead : Math.min(ahead, Math.abs(probability - r.threshold));
    }
  }
  return { classes, margin };
}

/** The score of the labels in `selected`; a label without a channel is the rest of independent channels. */
export function slowScores(
  raw: ArrayLike<number>,
  r: OutputRecipe,
  placement: Placement,
  size: Size,
  selected: readonly number[],
): Float64Array {
  const scores = new Float64Array(size.width * size.height);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = locate(placement, size, r.size, r.align, x, y);
      if (at === null) continue;
      const values = r.channels.map((_, channel) => interpolate(raw, r, channel, at));
      scores[y * size.width + x] = scoreOf(values, r, selected);
    }
  }
  return scores;
}

function scoreOf(values: readonly number[], r: OutputRecipe, selected: readonly number[]): number {
  const chosen = (probabilities: readonly number[]): number[] =>
    probabilities.filter((_, channel) => selected.includes(r.channels[channel] ?? -1));
  if (r.classes === 'independent') {
    const probabilities = r.values === 'logits' ? values.map(sigmoid) : values;
    const rest = selected.some((label) => !r.channels.includes(label)) ? 1 - Math.max(...probabilities) : 0;
    return Math.max(rest, 0, ...chosen(probabilities));
  }
  if (r.values === 'probabilities') return chosen(values).reduce((sum, value) => sum + value, 0);
  const best = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - best));
  const all = weights.reduce((sum, value) => sum + value, 0);
  return chosen(weights).reduce((sum, value) => sum + value, 0) / all;
}

/** The upright pixel (x, y) of an image, channel by channel, by the table of EXIF orientations. */
export function uprightPixel(image: PixelImage, x: number, y: number, channel: number): number {
  const { width: w, height: h, orientation = 1, format } = image;
  const [sx, sy] = (
    {
      1: [x, y],
      2: [w - 1 - x, y],
      3: [w - 1 - x, h - 1 - y],
      4: [x, h - 1 - y],
      5: [y, x],
      6: [y, h - 1 - x],
      7: [w - 1 - y, h - 1 - x],
      8: [w - 1 - y, x],
    } as const
  )[orientation];
  return image.data[(sy * w + sx) * (format === 'rgb8' ? 3 : 4) + channel] ?? Number.NaN;
}

/** One grid pixel's value (0 to 255) of one colour, by area or bilinear weights for each axis; null in the pad. */
export function slowPixel(
  image: PixelImage,
  { region, rect }: Placement,
  gridX: number,
  gridY: number,
  channel: number,
): number | null {
  const x = gridX - rect.x;
  const y = gridY - rect.y;
  if (x < 0 || y < 0 || x >= rect.width || y >= rect.height) return null;
  const across = axisWeights(x, region.width, rect.width);
  const down = axisWeights(y, region.height, rect.height);
  let sum = 0;
  for (const [dy, wy] of down) {
    for (const [dx, wx] of across) {
      sum += uprightPixel(image, region.x + dx, region.y + dy, channel) * wx * wy;
    }
  }
  return sum;
}

function axisWeights(index: number, length: number, size: number): Map<number, number> {
  const scale = length / size;
  const weights = new Map<number, number>();
  if (scale > 1) {
    const inside = Array.from({ length }, (_, at) => at).filter(
      (at) => at + 0.5 >= index * scale && at + 0.5 < (index + 1) * scale,
    );
    for (const at of inside) weights.set(at, 1 / inside.length);
    return weights;
  }
  const centre = Math.min(length - 1, Math.max(0, (index + 0.5) * scale - 0.5));
  const left = Math.floor(centre);
  weights.set(left, 1 - (centre - left));
  if (left + 1 < length) weights.set(left + 1, centre - left);
  return weights;
}

/** stored = round(((byte - mean) / std) / scale + zeroPoint) */
export function slowStored(value: number | null, recipe: InputRecipe, channel: number): number {
  const { scale, zeroPoint } = recipe.quantization ?? { scale: 1, zeroPoint: 0 };
  const real = value === null ? 0 : (value - (recipe.mean[channel] ?? 0)) / (recipe.std[channel] ?? 1);
  if (recipe.dtype === 'float32') return real;
  const [least, most] = recipe.dtype === 'uint8' ? [0, 255] : [-128, 127];
  return Math.min(most, Math.max(least, Math.round(real / scale + zeroPoint)));
}
