// Just enough of an ONNX writer for networks of a few nodes.
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const schema = await protobuf.load(fileURLToPath(new URL('onnx-subset.proto', import.meta.url)));
const Model = schema.lookupType('onnx.ModelProto');

export const TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 };
const ARRAYS = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
};

/** A constant. With `file`, its bytes go into that file beside the model: { tensor, bytes }. */
export function constant(name, dtype, dims, values) {
  const array = ARRAYS[dtype].from(dtype === 'int64' ? values.map(BigInt) : values);
  return { name, dims, dataType: TYPE[dtype], rawData: new Uint8Array(array.buffer) };
}

/** The same constant with its bytes in another file, from `offset` on. */
export function external({ rawData, ...rest }, location, offset) {
  const entries = { location, offset: String(offset), length: String(rawData.length) };
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return { ...rest, dataLocation: 1, externalData };
}

/** A node; attributes are whole numbers, lists of them, strings or tensors. */
export function node(opType, input, output, attributes = {}) {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (Array.isArray(value)) return { name, ints: value, type: 7 };
    if (typeof value === 'string') return { name, s: Buffer.from(value), type: 3 };
    if (typeof value === 'object') return { name, t: value, type: 4 };
    return { name, i: value, type: 2 };
  });
  return { opType, name: `${opType}:${output[0]}`, input, output, attribute };
}

/** An input or output; a dimension that is a string is dynamic. */
export function value(name, dtype, shape) {
  const dim = shape.map((length) =>
    typeof length === 'string' ? { dimParam: length } : { dimValue: length },
  );
  return { name, type: { tensorType: { elemType: TYPE[dtype], shape: { dim } } } };
}

/** The bytes of a model file. */
export function encodeModel(name, docString, { nodes, constants, inputs, outputs }) {
  const graph = { node: nodes, name, initializer: constants, input: inputs, output: outputs };
  const model = {
    irVersion: 8,
    producerName: 'seg-testkit',
    docString,
    graph,
    opsetImport: [{ domain: '', version: 13 }],
  };
  return Model.encode(Model.fromObject(model)).finish();
}
