import type { InputRecipe } from '@seg/core';
import { MAIN, type Shader, THREADS } from './pipeline.ts';
import { PLAN } from './plan.ts';

/** Where a picture's pixels lie: a buffer of bytes, a texture, or a video frame that was never copied. */
export type SourceKind = 'pixels' | 'texture' | 'external';

/** How the plan's tables bring the picture to size; see prepare-plan.ts. */
export const MODE = { copy: 0, area: 1, taps: 2 } as const;

/** `texel(x, y)`: the r, g, b bytes of an upright pixel of the source. */
const TEXEL: Readonly<Record<SourceKind, string>> = {
  pixels: /* wgsl */ `
@group(0) @binding(1) var<storage, read> source: array<u32>;
fn byteAt(at: u32) -> u32 { return (source[at >> 2u] >> ((at & 3u) * 8u)) & 255u; }
fn texel(x: i32, y: i32) -> vec3u {
  let at = u32(header(6u) + x * header(7u) + y * header(8u));
  return vec3u(byteAt(at), byteAt(at + 1u), byteAt(at + 2u));
}`,
  // premultiplied by alpha: over white is one addition
  texture: /* wgsl */ `
@group(0) @binding(1) var source: texture_2d<f32>;
fn texel(x: i32, y: i32) -> vec3u {
  let pixel = textureLoad(source, vec2i(x, y), 0);
  return vec3u(clamp((pixel.rgb + 1.0 - pixel.a) * 255.0, vec3f(0.0), vec3f(255.0)) + 0.5);
}`,
  // a frame may be stored in another size than the one that it is meant to be seen in; its alpha is not multiplied in
  external: /* wgsl */ `
@group(0) @binding(1) var source: texture_external;
fn texel(x: i32, y: i32) -> vec3u {
  let stored = vec2u(u32(x), u32(y)) * textureDimensions(source) / vec2u(u32(header(6u)), u32(header(7u)));
  let pixel = textureLoad(source, stored);
  return vec3u(clamp(mix(vec3f(1.0), pixel.rgb, pixel.a) * 255.0, vec3f(0.0), vec3f(255.0)) + 0.5);
}`,
};

/** Fits, resamples and normalises one picture into float32; integers are packed afterwards, by pack-wgsl.ts. */
export function prepareShader(kind: SourceKind, recipe: InputRecipe): Shader {
  const { width, height } = recipe.size;
  const { multiply, add, fill } = normalization(recipe);
  const extra = recipe.extra === 'previous-mask';
  const [pixel, plane] = recipe.layout === 'chw' ? [1, width * height] : [extra ? 4 : 3, 1];
  const red = recipe.order === 'rgb' ? 0 : 2;
  const code = /* wgsl */ `
${PLAN}${THREADS}${TEXEL[kind]}
@group(0) @binding(2) var<storage, read_write> tensor: array<f32>;
${extra ? '@group(0) @binding(3) var<storage, read> previous: array<f32>;' : ''}

// source pixels that count for pixel (x, y) all the same: sums of whole numbers, exact
fn mean(x: u32, y: u32) -> vec3f {
  let left = i32(whole(0u, x));
  let right = i32(whole(0u, x + 1u));
  let top = i32(whole(1u, y));
  let bottom = i32(whole(1u, y + 1u));
  var sum = vec3u(0u);
  for (var line = top; line < bottom; line++) {
    for (var column = left; column < right; column++) {
      sum += texel(header(0u) + column, header(1u) + line);
    }
  }
  let count = u32((right - left) * (bottom - top));
  return vec3f(sum / count) + vec3f(sum % count) / f32(count);
}

fn weighted(x: u32, y: u32) -> vec3f {
  let across = u32(header(9u));
  let down = u32(header(10u));
  var sum = vec3f(0.0);
  for (var j = 0u; j < down; j++) {
    let share = real(3u, y * down + j);
    if (share == 0.0) { continue; }
    var row = vec3f(0.0);
    for (var i = 0u; i < across; i++) {
      let weight = real(1u, x * across + i);
      if (weight == 0.0) { continue; }
      let at = vec2i(i32(whole(0u, x) + i), i32(whole(2u, y) + j));
      row += vec3f(texel(header(0u) + at.x, header(1u) + at.y)) * weight;
    }
    sum += row * share;
  }
  return sum;
}

fn stored(x: u32, y: u32) -> vec3f {
  if (header(11u) == ${MODE.copy}) {
    let bytes = texel(header(0u) + i32(x), header(1u) + i32(y));
    return vec3f(real(0u, bytes.r), real(0u, 256u + bytes.g), real(0u, 512u + bytes.b));
  }
  var bytes = vec3f(0.0);
  if (header(11u) == ${MODE.area}) { bytes = mean(x, y); } else { bytes = weighted(x, y); }
  return bytes * vec3f(${multiply.map(literal)}) + vec3f(${add.map(literal)});
}

${MAIN} {
  let index = threadOf(group, groups, local);
  if (index >= ${width * height}u) { return; }
  let x = i32(index % ${width}u) - header(2u);
  let y = i32(index / ${width}u) - header(3u);
  var color = vec3f(${literal(fill)});
  if (x >= 0 && y >= 0 && x < header(4u) && y < header(5u)) { color = stored(u32(x), u32(y)); }
  let at = index * ${pixel}u;
  tensor[at + ${red * plane}u] = color.r;
  tensor[at + ${plane}u] = color.g;
  tensor[at + ${(2 - red) * plane}u] = color.b;
  ${extra ? previousChannel(recipe, 3 * plane) : ''}
}
`;
  return { label: `prepare from ${kind}`, code };
}

/** The fourth channel: scores at grid size, or zeros where there is no previous frame. Not normalised, only quantised. */
function previousChannel({ dtype, quantization }: InputRecipe, offset: number): string {
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const score = 'select(0.0, previous[index], header(12u) == 1)';
  const value = dtype === 'float32' ? score : `${score} / ${literal(scale)} + ${literal(zeroPoint)}`;
  return `tensor[at + ${offset}u] = ${value};`;
}

/** stored = byte * multiply + add, for r, g and b; the pad around a contained picture is the mean, which gives `fill`. */
export function normalization({ mean, std, quantization }: InputRecipe): {
  readonly multiply: readonly number[];
  readonly add: readonly number[];
  readonly fill: number;
} {
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const multiply = std.map((deviation) => 1 / (deviation * scale));
  const add = mean.map((each, color) => zeroPoint - each * (multiply[color] ?? 0));
  return { multiply, add, fill: quantization?.zeroPoint ?? 0 };
}

/** A number as WGSL writes float32 constants. */
export function literal(value: number): string {
  return `f32(${Math.fround(value)})`;
}
