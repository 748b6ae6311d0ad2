import type { OutputRecipe } from '@seg/core';
import { rawValues, stridesOf } from './grid.ts';
import { MAIN, type Shader, THREADS } from './pipeline.ts';
import { PLAN } from './plan.ts';
import { samplesOf } from './sample-wgsl.ts';
import { leastValue, NONE } from './winners-wgsl.ts';

/**
 * The class of each pixel: the channel that wins after bilinear interpolation, as its label (plan table 4); 0 where none
 * reaches the threshold and where the model saw nothing. Four pixels a word.
 *
 * A channel that wins at all four corners of a cell wins everywhere in it, since bilinear weights are not negative and
 * sum to 1: most pixels compare four winners and no logits.
 */
export function classesShader(recipe: OutputRecipe): Shader {
  const strides = stridesOf(recipe);
  const { width, height, channels } = strides;
  const code = /* wgsl */ `
${PLAN}${THREADS}${rawValues(recipe)}${samplesOf(strides)}
@group(0) @binding(2) var<storage, read> winners: array<u32>;
@group(0) @binding(3) var<storage, read_write> classes: array<u32>;

fn winnerOf(x: u32, y: u32) -> u32 {
  let sample = whole(2u, y) * ${width}u + whole(0u, x);
  let below = sample + ${height > 1 ? width : 0}u;
  let first = winners[sample];
  if (
    winners[sample + ${width > 1 ? 1 : 0}u] == first &&
    winners[below] == first && winners[below + ${width > 1 ? 1 : 0}u] == first
  ) {
    return first;
  }
  let corners = cornersOf(x, y);
  var best = interpolate(corners, 0u);
  var winner = 0u;
  for (var channel = 1u; channel < ${channels}u; channel++) {
    let candidate = interpolate(corners, channel);
    if (candidate > best) { best = candidate; winner = channel; }
  }
  return select(${NONE}, winner, best >= ${leastValue(recipe)});
}

${MAIN} {
  let word = threadOf(group, groups, local);
  let size = vec2u(u32(header(0u)), u32(header(1u)));
  var packed = 0u;
  for (var i = 0u; i < 4u; i++) {
    let pixel = word * 4u + i;
    if (pixel >= size.x * size.y) { break; }
    let x = pixel % size.x;
    let y = pixel / size.x;
    if (!wasSeen(x, y)) { continue; }
    let winner = winnerOf(x, y);
    if (winner != ${NONE}) { packed |= whole(4u, winner) << (i * 8u); }
  }
  if (word * 4u < size.x * size.y) { classes[word] = packed; }
}
`;
  return { label: 'classes', code };
}
