import type { OutputRecipe } from '@seg/core';
import { rawValues, stridesOf } from './grid.ts';
import { MAIN, type Shader, THREADS } from './pipeline.ts';
import { literal } from './prepare-wgsl.ts';

/** No channel reaches the threshold. */
export const NONE = '0xffffffffu';

/** The value that an independent channel must reach, in the output's own terms: interpolation comes before activation. */
export function leastValue({ classes, values, threshold }: OutputRecipe): string {
  if (classes === 'exclusive') return literal(-3e38);
  return literal(values === 'logits' ? Math.log(threshold / (1 - threshold)) : threshold);
}

/** The best channel of each of the grid's own samples, or NONE: decoding looks at all channels only where four differ. */
export function winnersShader(recipe: OutputRecipe): Shader {
  const { width, height, channels, stepC, stepX, stepY } = stridesOf(recipe);
  const code = /* wgsl */ `
${THREADS}${rawValues(recipe)}
@group(0) @binding(0) var<storage, read_write> winners: array<u32>;

${MAIN} {
  let sample = threadOf(group, groups, local);
  if (sample >= ${width * height}u) { return; }
  let at = (sample % ${width}u) * ${stepX}u + (sample / ${width}u) * ${stepY}u;
  var best = value(at);
  var winner = 0u;
  for (var channel = 1u; channel < ${channels}u; channel++) {
    let candidate = value(at + channel * ${stepC}u);
    if (candidate > best) { best = candidate; winner = channel; }
  }
  winners[sample] = select(${NONE}, winner, best >= ${leastValue(recipe)});
}
`;
  return { label: 'winners of the grid', code };
}
