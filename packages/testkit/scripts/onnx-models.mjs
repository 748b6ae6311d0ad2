// The tiny models as ONNX files.
import { constant, encodeModel, external, node, value } from './onnx-writer.mjs';
import { colors, colorsOfBgr, ORIGIN, person, previous, QUANTIZATION } from './tiny-networks.mjs';

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

/** File names and their bytes. */
export const onnxFiles = {
  'tiny-rgb.onnx': encodeModel('tiny-rgb', ORIGIN, rgb()),
  'tiny-nhwc.onnx': encodeModel('tiny-nhwc', ORIGIN, nhwc),
  'tiny-sigmoid.onnx': encodeModel('tiny-sigmoid', ORIGIN, sigmoid),
  'tiny-uint8.onnx': encodeModel('tiny-uint8', ORIGIN, quantized('uint8')),
  'tiny-int8.onnx': encodeModel('tiny-int8', ORIGIN, quantized('int8')),
  'tiny-index.onnx': encodeModel('tiny-index', ORIGIN, index),
  'tiny-previous.onnx': encodeModel('tiny-previous', ORIGIN, previousMask),
  'tiny-slow.onnx': encodeModel('tiny-slow', ORIGIN, slow),
  'tiny-external.onnx': encodeModel('tiny-external', ORIGIN, withOutside),
  'tiny-external.bin': outsideBytes,
  'odd-float16.onnx': encodeModel('odd-float16', ORIGIN, half),
  'odd-operator.onnx': encodeModel('odd-operator', ORIGIN, unheardOf),
  'odd-two-inputs.onnx': encodeModel('odd-two-inputs', ORIGIN, twoInputs),
};
