import { MAIN, type Shader, THREADS } from './pipeline.ts';

/** Rounds `count` float32 elements to 8-bit integers, four a word, as core does: halves up, then clamped. */
export function packShader(dtype: 'uint8' | 'int8', count: number): Shader {
  const [least, most] = dtype === 'uint8' ? [0, 255] : [-128, 127];
  const code = /* wgsl */ `
${THREADS}
@group(0) @binding(0) var<storage, read> real: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<u32>;

${MAIN} {
  let word = threadOf(group, groups, local);
  if (word >= ${Math.ceil(count / 4)}u) { return; }
  var bytes = 0u;
  for (var i = 0u; i < 4u; i++) {
    let index = word * 4u + i;
    if (index >= ${count}u) { break; }
    let value = clamp(floor(real[index] + 0.5), ${least}.0, ${most}.0);
    bytes |= (bitcast<u32>(i32(value)) & 255u) << (i * 8u);
  }
  packed[word] = bytes;
}
`;
  return { label: `pack ${dtype}`, code };
}
