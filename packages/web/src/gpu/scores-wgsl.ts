import type { OutputRecipe } from '@seg/core';
import { rawValues, stridesOf } from './grid.ts';
import { MAIN, type Shader, THREADS } from './pipeline.ts';
import { PLAN } from './plan.ts';
import { samplesOf } from './sample-wgsl.ts';

/** Below every real logit; WGSL has no word for infinity. */
const LOWEST = 'f32(-3e38)';

/** The score of one plane at one pixel. `isSelected(plane, channel)` and `interpolate` are declared. */
const SCORE = {
  softmax: (channels: number) => /* wgsl */ `
fn scoreOf(plane: u32, corners: Corners) -> f32 {
  var top = ${LOWEST};
  for (var channel = 0u; channel < ${channels}u; channel++) { top = max(top, interpolate(corners, channel)); }
  var all = 0.0;
  var inside = 0.0;
  for (var channel = 0u; channel < ${channels}u; channel++) {
    let weight = exp(interpolate(corners, channel) - top);
    all += weight;
    if (isSelected(plane, channel)) { inside += weight; }
  }
  return inside / all;
}`,
  sum: (channels: number) => /* wgsl */ `
fn scoreOf(plane: u32, corners: Corners) -> f32 {
  var inside = 0.0;
  for (var channel = 0u; channel < ${channels}u; channel++) {
    if (isSelected(plane, channel)) { inside += interpolate(corners, channel); }
  }
  return inside;
}`,
  // a background without a channel scores 1 - the best channel
  maximum: (channels: number, activate: string) => /* wgsl */ `
fn activate(score: f32) -> f32 { return ${activate}; }

fn scoreOf(plane: u32, corners: Corners) -> f32 {
  var best = ${LOWEST};
  var selected = ${LOWEST};
  for (var channel = 0u; channel < ${channels}u; channel++) {
    let candidate = interpolate(corners, channel);
    best = max(best, candidate);
    if (isSelected(plane, channel)) { selected = max(selected, candidate); }
  }
  var score = 0.0;
  if (selected > ${LOWEST}) { score = activate(selected); }
  if (whole(5u, plane) == 1u) { score = max(score, 1.0 - activate(best)); }
  return score;
}`,
};

/**
 * Score planes: interpolates what the network gave, then activates; exclusive channels sum up, of independent ones the
 * highest counts. Plan table 4: for each plane and channel whether it is selected; 5: for each plane whether the
 * background without a channel is; header 6: how many planes.
 */
export function scoresShader(recipe: OutputRecipe): Shader {
  const strides = stridesOf(recipe);
  const { channels } = strides;
  const code = /* wgsl */ `
${PLAN}${THREADS}${rawValues(recipe)}${samplesOf(strides)}
@group(0) @binding(2) var<storage, read_write> scores: array<f32>;

fn isSelected(plane: u32, channel: u32) -> bool { return whole(4u, plane * ${channels}u + channel) == 1u; }
${scoreFunction(recipe, channels)}

${MAIN} {
  let index = threadOf(group, groups, local);
  let size = vec2u(u32(header(0u)), u32(header(1u)));
  let plane = index / (size.x * size.y);
  if (plane >= u32(header(6u))) { return; }
  let pixel = index % (size.x * size.y);
  let x = pixel % size.x;
  let y = pixel / size.x;
  var score = 0.0;
  if (wasSeen(x, y)) { score = scoreOf(plane, cornersOf(x, y)); }
  scores[index] = score;
}
`;
  return { label: 'scores', code };
}

function scoreFunction({ classes, values }: OutputRecipe, channels: number): string {
  if (classes === 'exclusive') return values === 'logits' ? SCORE.softmax(channels) : SCORE.sum(channels);
  // beyond 80 the exponential leaves float32; the sigmoid is 0 or 1 long before
  const sigmoid = '1.0 / (1.0 + exp(clamp(-score, -80.0, 80.0)))';
  return SCORE.maximum(channels, values === 'logits' ? sigmoid : 'score');
}
