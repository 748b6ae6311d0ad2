import type { OutputRecipe } from '@seg/core';
import { rawValues } from './grid.ts';
import { MAIN, type Shader, THREADS } from './pipeline.ts';
import { PLAN } from './plan.ts';

/** Stands for a class index that the card has no label for: reading the class map then fails. */
export const NO_LABEL = 255;

/**
 * Class indexes that the network chose itself, resampled by the nearest sample. Plan tables 0 and 1: the sample of each
 * column and row; header as in sample-wgsl.ts, and 6: how many labels there are.
 */
export function indexesShader(recipe: OutputRecipe): Shader {
  const code = /* wgsl */ `
${PLAN}${THREADS}${rawValues({ ...recipe, quantization: { scale: 1, zeroPoint: 0 } })}
@group(0) @binding(2) var<storage, read_write> classes: array<u32>;

${MAIN} {
  let word = threadOf(group, groups, local);
  let size = vec2u(u32(header(0u)), u32(header(1u)));
  var packed = 0u;
  for (var i = 0u; i < 4u; i++) {
    let pixel = word * 4u + i;
    if (pixel >= size.x * size.y) { break; }
    let x = i32(pixel % size.x);
    let y = i32(pixel / size.x);
    if (x < header(2u) || x >= header(3u) || y < header(4u) || y >= header(5u)) { continue; }
    let index = i32(value(whole(1u, u32(y)) * ${recipe.size.width}u + whole(0u, u32(x))));
    let label = select(${NO_LABEL}u, u32(index), index >= 0 && index < header(6u));
    packed |= label << (i * 8u);
  }
  if (word * 4u < size.x * size.y) { classes[word] = packed; }
}
`;
  return { label: 'class indexes', code };
}
