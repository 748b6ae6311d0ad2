// Writes the tiny models: models/*.onnx, models/README.md, src/tiny-files.generated.ts and src/tiny-weights.generated.ts.
// After changing it: `node scripts/make-models.mjs`, then `pnpm format`. Nothing is random: the same bytes come out each time.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { constant, encodeModel, external, node, value } from './onnx-writer.mjs';

const here = (path) => new URL(`../${path}`, import.meta.url);

// ---- weights: multiples of 1/64, so that float32, the file and the TypeScript reference hold the same numbers

const snap = (number) => Math.round(number * 64) / 64;
let state = 20260101;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' linear congruential generator
  return state / 2 ** 32 - 0.5;
};

/** Which colour (r, g, b in -1..1) speaks for each class: background is dark, then red, green, blue. */
const COLORS = [
  [-2, -2, -2],
  [3, -2, -2],
  [-2, 3, -2],
  [-2, -2, 3],
];
const BLUR = [1, 2, 1, 2, 4, 2, 1, 2, 1];

const colorWeights = COLORS.flatMap((color) =>
  color.flatMap((amount) => BLUR.map((blur) => snap((amount * blur) / 16 + noise() / 8))),
);
const colors = {
  kernel: 3,
  stride: 2,
  pad: 1,
  from: 3,
  to: 4,
  weights: colorWeights,
  bias: [-0.5, 0.25, 0.125, 0.0625],
};
/** The same network for pictures that come as blue, green, red. */
const colorsOfBgr = { ...colors, weights: reverseInputs(colors) };
const person = { kernel: 1, stride: 1, pad: 0, from: 3, to: 1, weights: [2.5, 1.5, -3.25], bias: [0.25] };
/** The last channel is the previous mask: it speaks for the foreground. */
const previous = {
  kernel: 1,
  stride: 1,
  pad: 0,
  from: 4,
  to: 2,
  weights: [-1.5, -1.25, -1, -2, 1.25, 1.5, 0.75, 2],
  bias: [0.5, -0.5],
};
const networks = { colors, colorsOfBgr, person, previous };

function reverseInputs({ kernel, from, to, weights }) {
  const area = kernel * kernel;
  const at = (out, input) => weights.slice((out * from + input) * area, (out * from + input + 1) * area);
  return Array.from({ length: to }, (_, out) => [2, 1, 0].flatMap((input) => at(out, input))).flat();
}

const convolve = (input, output, { kernel, stride, pad }) =>
  node('Conv', [input, 'weights', 'bias'], [output], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  });
const parameters = ({ from, to, kernel, weights, bias }) => [
  constant('weights', 'float32', [to, from, kernel, kernel], weights),
  constant('bias', 'float32', [to], bias),
];
const TO_CHW = { perm: [0, 3, 1, 2] };
const TO_HWC = { perm: [0, 2, 3, 1] };

// ---- files

/** An output that no card names comes first: adapters must ask for theirs by its name. */
const unused = { node: node('Neg', ['logits'], ['unused']), value: value('unused', 'float32', [1, 4, 8, 8]) };

function rgb(constants = parameters(colors)) {
  return {
    nodes: [convolve('input', 'logits', colors), unused.node],
    constants,
    inputs: [value('input', 'float32', [1, 3, 16, 16])],
    outputs: [unused.value, value('logits', 'float32', [1, 4, 8, 8])],
  };
}

const nhwc = {
  nodes: [
    node('Transpose', ['input'], ['planes'], TO_CHW),
    convolve('planes', 'logits:planes', colorsOfBgr),
    node('Transpose', ['logits:planes'], ['logits'], TO_HWC),
  ],
  constants: parameters(colorsOfBgr),
  inputs: [value('input', 'float32', [1, 16, 16, 3])],
  outputs: [value('logits', 'float32', [1, 8, 8, 4])],
};

const sigmoid = {
  nodes: [convolve('input', 'person', person)],
  constants: parameters(person),
  inputs: [value('input', 'float32', ['batch', 3, 'height', 'width'])],
  outputs: [value('person', 'float32', ['batch', 1, 'height', 'width'])],
};

const QUANTIZATION = {
  uint8: { input: { scale: 0.0078125, zeroPoint: 128 }, output: { scale: 0.125, zeroPoint: 128 } },
  int8: { input: { scale: 0.0078125, zeroPoint: 0 }, output: { scale: 0.125, zeroPoint: 0 } },
};

function quantized(dtype) {
  const { input, output } = QUANTIZATION[dtype];
  const affine = (name, { scale, zeroPoint }) => [
    constant(`${name}:scale`, 'float32', [], [scale]),
    constant(`${name}:zero`, dtype, [], [zeroPoint]),
  ];
  return {
    nodes: [
      node('Transpose', ['input'], ['stored'], TO_CHW),
      node('DequantizeLinear', ['stored', 'input:scale', 'input:zero'], ['planes']),
      convolve('planes', 'real', colors),
      node('QuantizeLinear', ['real', 'logits:scale', 'logits:zero'], ['logits:planes']),
      node('Transpose', ['logits:planes'], ['logits'], TO_HWC),
    ],
    constants: [...parameters(colors), ...affine('input', input), ...affine('logits', output)],
    inputs: [value('input', dtype, [1, 16, 16, 3])],
    outputs: [value('logits', dtype, [1, 8, 8, 4])],
  };
}

const index = {
  nodes: [
    convolve('input', 'logits', colors),
    node('ArgMax', ['logits'], ['classes'], { axis: 1, keepdims: 0 }),
    node('Cast', ['classes'], ['classes32'], { to: 6 }),
  ],
  constants: parameters(colors),
  inputs: [value('input', 'float32', [1, 3, 16, 16])],
  outputs: [value('classes', 'int64', [1, 8, 8]), value('classes32', 'int32', [1, 8, 8])],
};

const previousMask = {
  nodes: [node('Transpose', ['input'], ['planes'], TO_CHW), convolve('planes', 'logits', previous)],
  constants: parameters(previous),
  inputs: [value('input', 'float32', [1, 16, 16, 4])],
  outputs: [value('logits', 'float32', [1, 2, 16, 16])],
};

/** The colour network plus nothing: five convolutions of 4.8 GFLOP each whose result is multiplied by zero. */
const SIDE = 32;
const slow = {
  nodes: [
    convolve('input', 'fast', colors),
    node('Resize', ['input', '', 'scales'], ['large'], { mode: 'nearest' }),
    node('ConstantOfShape', ['first:shape'], ['first'], { value: constant('v', 'float32', [1], [1 / 32]) }),
    node('ConstantOfShape', ['next:shape'], ['next'], { value: constant('v', 'float32', [1], [1 / 512]) }),
    node('Conv', ['large', 'first'], ['wide0'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    ...[0, 1, 2, 3, 4].map((i) =>
      node('Conv', [`wide${i}`, 'next'], [`wide${i + 1}`], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    ),
    node('GlobalAveragePool', ['wide5'], ['means']),
    node('ReduceMean', ['means'], ['mean'], { axes: [1], keepdims: 1 }),
    node('Mul', ['mean', 'zero'], ['nothing']),
    node('Add', ['fast', 'nothing'], ['logits']),
  ],
  constants: [
    ...parameters(colors),
    constant('scales', 'float32', [4], [1, 1, 32, 32]),
    constant('first:shape', 'int64', [4], [SIDE, 3, 3, 3]),
    constant('next:shape', 'int64', [4], [SIDE, SIDE, 3, 3]),
    constant('zero', 'float32', [1], [0]),
  ],
  inputs: [value('input', 'float32', [1, 3, 16, 16])],
  outputs: [value('logits', 'float32', [1, 4, 8, 8])],
};

const outside = parameters(colors);
const outsideBytes = Buffer.concat(outside.map(({ rawData }) => rawData));
const withOutside = rgb(
  outside.map((each, i) => external(each, 'tiny-external.bin', i === 0 ? 0 : outside[0].rawData.length)),
);

/** Right files that a runtime may have to refuse. */
const odd = (dtype, nodes, inputs = ['input']) => ({
  nodes,
  constants: [],
  inputs: inputs.map((name) => value(name, dtype, [1, 3, 16, 16])),
  outputs: [value('logits', dtype, [1, 3, 16, 16])],
});
const half = odd('float16', [node('Identity', ['input'], ['logits'])]);
const unheardOf = odd('float32', [node('Frobnicate', ['input'], ['logits'])]);
const twoInputs = odd('float32', [node('Add', ['input', 'other'], ['logits'])], ['input', 'other']);

const files = {
  'tiny-rgb.onnx': encodeModel('tiny-rgb', rgb()),
  'tiny-nhwc.onnx': encodeModel('tiny-nhwc', nhwc),
  'tiny-sigmoid.onnx': encodeModel('tiny-sigmoid', sigmoid),
  'tiny-uint8.onnx': encodeModel('tiny-uint8', quantized('uint8')),
  'tiny-int8.onnx': encodeModel('tiny-int8', quantized('int8')),
  'tiny-index.onnx': encodeModel('tiny-index', index),
  'tiny-previous.onnx': encodeModel('tiny-previous', previousMask),
  'tiny-slow.onnx': encodeModel('tiny-slow', slow),
  'tiny-external.onnx': encodeModel('tiny-external', withOutside),
  'tiny-external.bin': outsideBytes,
  'odd-float16.onnx': encodeModel('odd-float16', half),
  'odd-operator.onnx': encodeModel('odd-operator', unheardOf),
  'odd-two-inputs.onnx': encodeModel('odd-two-inputs', twoInputs),
};

// ---- what TypeScript needs of them

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const generated = (text) => `// Generated by scripts/make-models.mjs: do not edit.\n${text}`;

for (const [name, bytes] of Object.entries(files)) writeFileSync(here(`models/${name}`), bytes);

const entries = Object.entries(files).map(([name, bytes]) => {
  const base64 = Buffer.from(bytes).toString('base64');
  return `  '${name}': {\n    bytes: ${bytes.length},\n    sha256: '${sha256(bytes)}',\n    base64:\n      '${base64}',\n  },`;
});
writeFileSync(
  here('src/tiny-files.generated.ts'),
  generated(`/** The files of models/: size, sha256, and the bytes themselves for places that cannot read files. */
export const tinyFiles = {\n${entries.join('\n')}\n} as const;\n`),
);
writeFileSync(
  here('src/tiny-weights.generated.ts'),
  generated(`/** One convolution each: weights [to, from, kernel, kernel], the same numbers as in the files. */
export const tinyWeights = ${JSON.stringify(networks, null, 2).replace(/"(\w+)":/g, '$1:')} as const;\n`),
);

const readme = readFileSync(here('models/README.md'), 'utf8').split('<!-- table -->')[0];
const rows = Object.entries(files).map(
  ([name, bytes]) => `| ${name} | ${bytes.length} | \`${sha256(bytes)}\` |`,
);
writeFileSync(
  here('models/README.md'),
  `${readme}<!-- table -->\n| file | bytes | sha256 |\n|---|---|---|\n${rows.join('\n')}\n`,
);
