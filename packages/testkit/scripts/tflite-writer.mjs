// Just enough of a TFLite writer for networks of a few operators. Numbers of slots, operators and types: the public schema
// tensorflow/lite/schema/schema.fbs of github.com/tensorflow/tensorflow (Apache-2.0), version 3.
import { Builder } from 'flatbuffers';

const TYPE = { float32: 0, float16: 1, int32: 2, uint8: 3, int64: 4, int8: 9 };
const ARRAYS = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
};

/** BuiltinOperator, the place of its options in the BuiltinOptions union, its version where that is not 1. */
const OPERATORS = {
  ADD: { code: 0, options: 11 },
  AVERAGE_POOL_2D: { code: 1, options: 5 },
  CONV_2D: { code: 3, options: 1 },
  DEQUANTIZE: { code: 6, options: 38, version: 2 },
  MUL: { code: 18, options: 21 },
  CUSTOM: { code: 32, options: 0 },
  PAD: { code: 34, options: 22 },
  MEAN: { code: 40, options: 27 },
  ARG_MAX: { code: 56, options: 40 },
  NEG: { code: 59, options: 42 },
  RESIZE_NEAREST_NEIGHBOR: { code: 97, options: 74 },
  QUANTIZE: { code: 114, options: 89 },
};

// ---- flatbuffers: a field is a scalar that stands in its table, or a reference to what was written before it

const scalar = (kind) => (value) => ({
  add: (builder, slot) => builder[`addField${kind}`](slot, value, null),
});
const reference = (write) => ({
  write,
  add: (builder, slot, offset) => builder.addFieldOffset(slot, offset, 0),
});
const byte = scalar('Int8');
const int = scalar('Int32');
const text = (value) => reference((builder) => builder.createString(value));
const list = (size, align, add, values) =>
  reference((builder) => {
    builder.startVector(size, values.length, align);
    for (const value of [...values].reverse()) builder[add](value);
    return builder.endVector();
  });
const ints = (values) => list(4, 4, 'addInt32', values);
const floats = (values) => list(4, 4, 'addFloat32', values);
const longs = (values) => list(8, 8, 'addInt64', values.map(BigInt));
const aligned = (bytes) => list(1, 16, 'addInt8', bytes);

/** A table of fields by slot number; those that are undefined are left out. */
const table = (fields) =>
  reference((builder) => {
    const present = Object.entries(fields).filter(([, field]) => field !== undefined);
    const written = present.map(([slot, field]) => [Number(slot), field, field.write?.(builder)]);
    builder.startObject(1 + Math.max(-1, ...written.map(([slot]) => slot)));
    for (const [slot, field, offset] of written) field.add(builder, slot, offset);
    return builder.endObject();
  });
const tables = (each) =>
  reference((builder) => {
    const offsets = each.map(({ write }) => write(builder));
    builder.startVector(4, offsets.length, 4);
    for (const offset of offsets.reverse()) builder.addOffset(offset);
    return builder.endVector();
  });

// ---- options of the operators, by slot

export const conv2d = (stride) => ({ 0: byte(1), 1: int(stride), 2: int(stride) }); // padding VALID
export const averagePool = (side) => ({
  0: byte(0), // padding SAME
  1: int(1),
  2: int(1),
  3: int(side),
  4: int(side),
});
export const keepDims = { 0: byte(1) };
export const outputType = (dtype) => ({ 0: byte(TYPE[dtype]) });

// ---- models

/** A tensor without contents; `signature` is its shape with -1 for what may change. */
export function tensor(dtype, shape, { quantization, signature } = {}) {
  return { dtype, shape, quantization, signature };
}

export function constant(dtype, shape, values) {
  return {
    dtype,
    shape,
    bytes: new Uint8Array(ARRAYS[dtype].from(dtype === 'int64' ? values.map(BigInt) : values).buffer),
  };
}

/** An operator by its name in the schema; `CUSTOM:Name` is a custom one. */
export function operator(name, inputs, outputs, options = {}) {
  return { name, inputs, outputs, options };
}

/** The bytes of a model file: tensors by name, operators in order, names of inputs and outputs. */
export function encodeTflite(name, description, { tensors, operators, inputs, outputs }) {
  const names = Object.keys(tensors);
  const at = (each) => {
    if (!names.includes(each)) throw new Error(`${name} has no tensor ${each}`);
    return names.indexOf(each);
  };
  const codes = [...new Set(operators.map((each) => each.name))];
  const constants = names.filter((each) => tensors[each].bytes !== undefined);
  const buffers = [{}, ...constants.map((each) => ({ 0: aligned(tensors[each].bytes) }))];
  const named = (each) => table({ 0: text(each), 1: int(at(each)) });
  const subgraph = table({
    0: tables(names.map((each) => tensorTable(each, tensors[each], constants.indexOf(each) + 1))),
    1: ints(inputs.map(at)),
    2: ints(outputs.map(at)),
    3: tables(operators.map((each) => operatorTable(each, codes, at))),
    4: text(name),
  });
  const signature = table({
    0: tables(inputs.map(named)),
    1: tables(outputs.map(named)),
    2: text('serving_default'),
    4: int(0),
  });
  const model = table({
    0: int(3),
    1: tables(codes.map(codeTable)),
    2: tables([subgraph]),
    3: text(description),
    4: tables(buffers.map(table)),
    7: tables([signature]),
  });
  const builder = new Builder(1024);
  builder.finish(model.write(builder), 'TFL3');
  return builder.asUint8Array().slice();
}

function tensorTable(name, { dtype, shape, quantization, signature }, buffer) {
  return table({
    0: ints(shape),
    1: byte(TYPE[dtype]),
    2: int(buffer),
    3: text(name),
    4: quantization && table({ 2: floats([quantization.scale]), 3: longs([quantization.zeroPoint]) }),
    7: signature && ints(signature),
  });
}

function codeTable(name) {
  const [kind, custom] = name.split(':');
  const { code, version = 1 } = OPERATORS[kind];
  return table({ 0: byte(code), 1: custom && text(custom), 2: int(version), 3: int(code) });
}

function operatorTable({ name, inputs, outputs, options }, codes, at) {
  const kind = OPERATORS[name.split(':')[0]].options;
  return table({
    0: int(codes.indexOf(name)),
    1: ints(inputs.map(at)),
    2: ints(outputs.map(at)),
    3: kind === 0 ? undefined : byte(kind),
    4: kind === 0 ? undefined : table(options),
  });
}
