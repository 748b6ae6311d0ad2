// The tiny models as TensorFlow.js graph models. Float32 only: tfjs feeds no others.
import { bool, constant, encodeTfjs, node, placeholder, result, type, whole, word } from './tfjs-writer.mjs';
import { colors, colorsOfBgr, ORIGIN, person, previous, weightsAs } from './tiny-networks.mjs';

const IMAGE = [1, 16, 16, 3];
const LOGITS = [1, 8, 8, 4];
const VALID = { padding: word('VALID'), data_format: word('NHWC') };
const ONE_BY_ONE = whole([1, 1, 1, 1]);

/** The nodes of a convolution. TensorFlow's SAME pads only behind where the stride is 2: so Pad, then VALID. */
function convolution(from, to, network) {
  const { kernel, stride, pad } = network;
  const { shape, values } = weightsAs('hwio', network);
  const convolve = (source) => [
    constant('weights', 'float32', shape, values),
    constant('bias', 'float32', [network.to], network.bias),
    node('Conv2D', `${to}/sum`, [source, 'weights'], {
      ...VALID,
      strides: whole([1, stride, stride, 1]),
      dilations: ONE_BY_ONE,
    }),
    node('BiasAdd', to, [`${to}/sum`, 'bias'], { data_format: VALID.data_format }),
  ];
  if (kernel === 1) return convolve(from);
  return [
    constant('border', 'int32', [4, 2], [0, 0, pad, pad, pad, pad, 0, 0]),
    node('Pad', 'padded', [from, 'border'], { Tpaddings: type('int32') }),
    ...convolve('padded'),
  ];
}

/** An output that no card names comes first: adapters must ask for theirs by its name. */
const unused = node('Neg', 'unused', ['logits']);

const rgb = {
  nodes: [placeholder('input', IMAGE), ...convolution('input', 'logits', colors), unused],
  outputs: [result('unused', LOGITS), result('logits', LOGITS)],
};

const nhwc = {
  nodes: [placeholder('input', IMAGE), ...convolution('input', 'logits', colorsOfBgr)],
  outputs: [result('logits', LOGITS)],
};

const sigmoid = {
  nodes: [placeholder('input', [-1, -1, -1, 3]), ...convolution('input', 'person', person)],
  outputs: [result('person', [-1, -1, -1, 1])],
};

const previousMask = {
  nodes: [placeholder('input', [1, 16, 16, 4]), ...convolution('input', 'logits', previous)],
  outputs: [result('logits', [1, 16, 16, 2])],
};

const index = {
  nodes: [
    ...rgb.nodes,
    constant('axis', 'int32', [], [3]),
    node('ArgMax', 'classes', ['logits', 'axis'], { Tidx: type('int32'), output_type: type('int32') }),
  ],
  outputs: [result('unused', LOGITS), result('classes', [1, 8, 8], 'int32')],
};

/** The colour network plus nothing: an average over a large neighbourhood of a large map, multiplied by zero. */
const SIDE = 224;
const NEIGHBOURS = 21;
const slow = {
  nodes: [
    placeholder('input', IMAGE),
    ...convolution('input', 'fast', colors),
    constant('size', 'int32', [2], [SIDE, SIDE]),
    constant('axes', 'int32', [2], [1, 2]),
    constant('zero', 'float32', [], [0]),
    node('ResizeNearestNeighbor', 'large', ['fast', 'size'], {
      align_corners: bool(false),
      half_pixel_centers: bool(false),
    }),
    node('AvgPool', 'wide', ['large'], {
      padding: word('SAME'),
      data_format: word('NHWC'),
      ksize: whole([1, NEIGHBOURS, NEIGHBOURS, 1]),
      strides: ONE_BY_ONE,
    }),
    node('Mean', 'mean', ['wide', 'axes'], { Tidx: type('int32'), keep_dims: bool(true) }),
    node('Mul', 'nothing', ['mean', 'zero']),
    node('AddV2', 'logits', ['fast', 'nothing']),
  ],
  outputs: [result('logits', LOGITS)],
};

/** Right files that a runtime may have to refuse. */
const unheardOf = {
  nodes: [placeholder('input', IMAGE), node('Frobnicate', 'logits', ['input'])],
  outputs: [result('logits', IMAGE)],
};
const twoInputs = {
  nodes: [
    placeholder('input', IMAGE),
    placeholder('other', IMAGE),
    node('AddV2', 'logits', ['input', 'other']),
  ],
  outputs: [result('logits', IMAGE)],
};

const graphs = {
  'tiny-rgb': rgb,
  'tiny-nhwc': nhwc,
  'tiny-external': { ...rgb, shards: 2 },
  'tiny-sigmoid': sigmoid,
  'tiny-index': index,
  'tiny-previous': previousMask,
  'tiny-slow': slow,
  'odd-operator': unheardOf,
  'odd-two-inputs': twoInputs,
};

/** File names and their bytes. */
export const tfjsFiles = Object.assign(
  {},
  ...Object.entries(graphs).map(([name, graph]) => encodeTfjs(`${name}.tfjs`, ORIGIN, graph)),
);
