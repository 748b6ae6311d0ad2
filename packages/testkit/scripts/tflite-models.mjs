// The tiny models as TFLite files.

import {
  averagePool,
  constant,
  conv2d,
  encodeTflite,
  keepDims,
  operator,
  outputType,
  tensor,
} from './tflite-writer.mjs';
import { colors, colorsOfBgr, ORIGIN, person, previous, QUANTIZATION, weightsAs } from './tiny-networks.mjs';

const IMAGE = [1, 16, 16, 3];
const LOGITS = [1, 8, 8, 4];

/** Tensors and operators of a convolution. TFLite's SAME pads only behind where the stride is 2: so PAD, then VALID. */
function convolution(from, to, network, shape) {
  const { shape: weightsShape, values } = weightsAs('ohwi', network);
  const tensors = {
    weights: constant('float32', weightsShape, values),
    bias: constant('float32', [network.to], network.bias),
    [to]: tensor('float32', shape),
  };
  const convolve = (source) => operator('CONV_2D', [source, 'weights', 'bias'], [to], conv2d(network.stride));
  if (network.pad === 0) return { tensors, operators: [convolve(from)] };
  const side = 16 + 2 * network.pad;
  const border = [network.pad, network.pad];
  return {
    tensors: {
      ...tensors,
      border: constant('int32', [4, 2], [0, 0, ...border, ...border, 0, 0]),
      padded: tensor('float32', [1, side, side, network.from]),
    },
    operators: [operator('PAD', [from, 'border'], ['padded']), convolve('padded')],
  };
}

/** An output that no card names comes first: adapters must ask for theirs by its name. */
const unused = (shape) => ({
  tensors: { unused: tensor('float32', shape) },
  operators: [operator('NEG', ['logits'], ['unused'])],
});

const input = (shape, dtype = 'float32', more = {}) => ({
  tensors: { input: tensor(dtype, shape, more) },
  operators: [],
});

function model(pieces, outputs, inputs = ['input']) {
  return {
    tensors: Object.assign({}, ...pieces.map(({ tensors }) => tensors)),
    operators: pieces.flatMap(({ operators }) => operators),
    inputs,
    outputs,
  };
}

const rgb = model(
  [input(IMAGE), convolution('input', 'logits', colors, LOGITS), unused(LOGITS)],
  ['unused', 'logits'],
);

const nhwc = model([input(IMAGE), convolution('input', 'logits', colorsOfBgr, LOGITS)], ['logits']);

const sigmoid = model([input(IMAGE), convolution('input', 'person', person, [1, 16, 16, 1])], ['person']);

const previousMask = model(
  [input([1, 16, 16, 4]), convolution('input', 'logits', previous, [1, 16, 16, 2])],
  ['logits'],
);

function quantized(dtype) {
  const { input: stored, output } = QUANTIZATION[dtype];
  return model(
    [
      input(IMAGE, dtype, { quantization: stored }),
      {
        tensors: { real: tensor('float32', IMAGE) },
        operators: [operator('DEQUANTIZE', ['input'], ['real'])],
      },
      convolution('real', 'answer', colors, LOGITS),
      {
        tensors: { logits: tensor(dtype, LOGITS, { quantization: output }) },
        operators: [operator('QUANTIZE', ['answer'], ['logits'])],
      },
    ],
    ['logits'],
  );
}

function index(dtype) {
  return model(
    [
      input(IMAGE),
      convolution('input', 'logits', colors, LOGITS),
      unused(LOGITS),
      {
        tensors: { axis: constant('int32', [1], [3]), classes: tensor(dtype, [1, 8, 8]) },
        operators: [operator('ARG_MAX', ['logits', 'axis'], ['classes'], outputType(dtype))],
      },
    ],
    ['unused', 'classes'],
  );
}

/** The colour network plus nothing: an average over a large neighbourhood of a large map, multiplied by zero. */
const SIDE = 224;
const NEIGHBOURS = 39;
const slow = model(
  [
    input(IMAGE),
    convolution('input', 'fast', colors, LOGITS),
    {
      tensors: {
        size: constant('int32', [2], [SIDE, SIDE]),
        axes: constant('int32', [2], [1, 2]),
        zero: constant('float32', [1], [0]),
        large: tensor('float32', [1, SIDE, SIDE, 4]),
        wide: tensor('float32', [1, SIDE, SIDE, 4]),
        mean: tensor('float32', [1, 1, 1, 4]),
        nothing: tensor('float32', [1, 1, 1, 4]),
        logits: tensor('float32', LOGITS),
      },
      operators: [
        operator('RESIZE_NEAREST_NEIGHBOR', ['fast', 'size'], ['large']),
        operator('AVERAGE_POOL_2D', ['large'], ['wide'], averagePool(NEIGHBOURS)),
        operator('MEAN', ['wide', 'axes'], ['mean'], keepDims),
        operator('MUL', ['mean', 'zero'], ['nothing']),
        operator('ADD', ['fast', 'nothing'], ['logits']),
      ],
    },
  ],
  ['logits'],
);

// ---- right files that a runtime may have to refuse

const logits = (shape = IMAGE) => ({ tensors: { logits: tensor('float32', shape) }, operators: [] });
const unheardOf = model(
  [input(IMAGE), logits(), { operators: [operator('CUSTOM:Frobnicate', ['input'], ['logits'])] }],
  ['logits'],
);
const twoInputs = model(
  [
    input(IMAGE),
    { tensors: { other: tensor('float32', IMAGE) }, operators: [] },
    logits(),
    { operators: [operator('ADD', ['input', 'other'], ['logits'])] },
  ],
  ['logits'],
  ['input', 'other'],
);
const anyBatch = model(
  [
    input(IMAGE, 'float32', { signature: [-1, 16, 16, 3] }),
    { tensors: { logits: tensor('float32', IMAGE, { signature: [-1, 16, 16, 3] }) } },
    { operators: [operator('NEG', ['input'], ['logits'])] },
  ].map((piece) => ({ tensors: {}, operators: [], ...piece })),
  ['logits'],
);

const graphs = {
  'tiny-rgb': rgb,
  'tiny-nhwc': nhwc,
  'tiny-sigmoid': sigmoid,
  'tiny-uint8': quantized('uint8'),
  'tiny-int8': quantized('int8'),
  'tiny-index': index('int32'),
  'tiny-previous': previousMask,
  'tiny-slow': slow,
  'odd-operator': unheardOf,
  'odd-two-inputs': twoInputs,
  'odd-int64': index('int64'),
  'odd-batch': anyBatch,
};

/** File names and their bytes. */
export const tfliteFiles = Object.fromEntries(
  Object.entries(graphs).map(([name, graph]) => [`${name}.tflite`, encodeTflite(name, ORIGIN, graph)]),
);
