// Just enough of a writer of TensorFlow.js graph models: a model.json and the weights beside it. Fields: the graph is
// TensorFlow's GraphDef as JSON, as tfjs-converter reads it (tensorflowjs_converter writes the same).

const ARRAYS = { float32: Float32Array, int32: Int32Array };
const DATA_TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32' };

const base64 = (text) => Buffer.from(text).toString('base64');
const dimensions = (shape) => ({ dim: shape.map((size) => ({ size: String(size) })) });

// ---- attributes

export const type = (dtype) => ({ type: DATA_TYPES[dtype] });
export const bool = (b) => ({ b });
export const word = (value) => ({ s: base64(value) });
export const whole = (values) => ({ list: { i: values.map(String) } });

// ---- nodes

export function placeholder(name, shape) {
  return {
    name,
    op: 'Placeholder',
    attr: { dtype: type('float32'), shape: { shape: dimensions(shape) } },
  };
}

export function constant(name, dtype, shape, values) {
  const tensor = { dtype: DATA_TYPES[dtype], tensorShape: dimensions(shape) };
  const node = { name, op: 'Const', attr: { dtype: type(dtype), value: { tensor } } };
  const bytes = Buffer.from(ARRAYS[dtype].from(values).buffer);
  return { ...node, weight: { entry: { name, shape, dtype }, bytes } };
}

export function node(op, name, input, attr = {}) {
  return { name, op, input, attr: { T: type('float32'), ...attr } };
}

// ---- models

/** An output by its name, for the signature. */
export function result(name, shape, dtype = 'float32') {
  return { name, shape, dtype };
}

/**
 * The files of a model: `<name>.json`, and its weights in one file or, with `shards`, cut into as many, at places that
 * are no borders of a weight.
 */
export function encodeTfjs(name, origin, { nodes, outputs, shards = 1 }) {
  const weights = nodes.flatMap(({ weight }) => weight ?? []);
  const bytes = Buffer.concat(weights.map((weight) => weight.bytes));
  const paths = Array.from({ length: shards }, (_, i) =>
    shards === 1 ? `${name}.bin` : `${name}-${i + 1}of${shards}.bin`,
  );
  const inputs = nodes.filter(({ op }) => op === 'Placeholder');
  const entry = (each, dtype, shape) => [
    each,
    { name: `${each}:0`, dtype: DATA_TYPES[dtype], tensorShape: shape },
  ];
  const json = {
    format: 'graph-model',
    generatedBy: origin,
    convertedBy: null,
    signature: {
      inputs: Object.fromEntries(inputs.map((each) => entry(each.name, 'float32', each.attr.shape.shape))),
      outputs: Object.fromEntries(
        outputs.map((each) => entry(each.name, each.dtype, dimensions(each.shape))),
      ),
    },
    modelTopology: { node: nodes.map(({ weight, ...rest }) => rest), versions: { producer: 1087 } },
    weightsManifest: weights.length === 0 ? [] : [{ paths, weights: weights.map(({ entry: each }) => each) }],
  };
  const cut = (i) => Math.floor((bytes.length * i) / shards);
  const files =
    weights.length === 0 ? [] : paths.map((path, i) => [path, bytes.subarray(cut(i), cut(i + 1))]);
  return Object.fromEntries([[`${name}.json`, Buffer.from(JSON.stringify(json))], ...files]);
}
