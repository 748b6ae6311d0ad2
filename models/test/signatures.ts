// Reads from a model file the names, shapes and types of its inputs and outputs, and no more than that.
// ONNX: onnx.proto (protobuf). TFLite: schema.fbs (flatbuffers). TensorFlow.js: `signature` of model.json.

export interface TensorInfo {
  readonly name: string;
  /** Dimensions that the file leaves open count as 1. */
  readonly elements: number;
  readonly dtype: string;
  readonly quantization?: { readonly scale: number; readonly zeroPoint: number };
}

export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

export function readSignature(format: 'onnx' | 'tflite' | 'tfjs', bytes: Uint8Array): Signature {
  return { onnx: readOnnx, tflite: readTflite, tfjs: readTfjs }[format](bytes);
}

// --- ONNX

const ONNX_TYPES: Record<number, string> = { 1: 'float32', 2: 'uint8', 3: 'int8', 6: 'int32', 7: 'int64' };

function readOnnx(bytes: Uint8Array): Signature {
  const [graph] = messages(bytes, 7);
  if (graph === undefined) throw new Error('no graph');
  const weights = new Set(messages(graph, 5).map((tensor) => string(tensor, 8)));
  const infos = (field: number): TensorInfo[] => messages(graph, field).map(valueInfo);
  return { inputs: infos(11).filter(({ name }) => !weights.has(name)), outputs: infos(12) };
}

function valueInfo(message: Uint8Array): TensorInfo {
  const tensor = messages(messages(message, 2)[0] ?? new Uint8Array(), 1)[0] ?? new Uint8Array();
  const dimensions = messages(messages(tensor, 2)[0] ?? new Uint8Array(), 1);
  const elements = dimensions.reduce((product, dimension) => product * (number(dimension, 1) ?? 1), 1);
  return { name: string(message, 1), elements, dtype: ONNX_TYPES[number(tensor, 1) ?? 0] ?? 'other' };
}

/** The fields of a protobuf message: [field number, value]; numbers as numbers, the rest as bytes. */
function* fields(bytes: Uint8Array): Generator<[number, number | Uint8Array]> {
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) yield [field, varint()];
    else {
      const length = wire === 2 ? varint() : wire === 1 ? 8 : 4;
      yield [field, bytes.subarray(at, at + length)];
      at += length;
    }
  }
}

function messages(bytes: Uint8Array, field: number): Uint8Array[] {
  return [...fields(bytes)].flatMap(([key, value]) =>
    key === field && typeof value !== 'number' ? [value] : [],
  );
}

function number(bytes: Uint8Array, field: number): number | undefined {
  for (const [key, value] of fields(bytes)) if (key === field && typeof value === 'number') return value;
  return undefined;
}

function string(bytes: Uint8Array, field: number): string {
  return new TextDecoder().decode(messages(bytes, field)[0]);
}

// --- TFLite

const TFLITE_TYPES: Record<number, string> = { 0: 'float32', 2: 'int32', 3: 'uint8', 4: 'int64', 9: 'int8' };

function readTflite(bytes: Uint8Array): Signature {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pointer = (at: number): number => at + view.getUint32(at, true);
  /** Where a field of a table stands; 0 where it is left out. */
  const field = (table: number, index: number): number => {
    const vtable = table - view.getInt32(table, true);
    const known = 4 + 2 * index < view.getUint16(vtable, true);
    const offset = known ? view.getUint16(vtable + 4 + 2 * index, true) : 0;
    return offset === 0 ? 0 : table + offset;
  };
  const list = (at: number, size: number): number[] => {
    if (at === 0) return [];
    const start = pointer(at);
    return Array.from({ length: view.getUint32(start, true) }, (_, item) => start + 4 + item * size);
  };
  const graph = pointer(list(field(pointer(0), 2), 4)[0] ?? 0);
  const tensors = list(field(graph, 0), 4).map(pointer);
  const info = (at: number): TensorInfo => {
    const tensor = tensors[view.getInt32(at, true)] ?? 0;
    const name = list(field(tensor, 3), 1).map((byte) => view.getUint8(byte));
    const shape = list(field(tensor, 0), 4).map((dimension) => view.getInt32(dimension, true));
    const type = field(tensor, 1);
    const quantization = field(tensor, 4) === 0 ? 0 : pointer(field(tensor, 4));
    const scale = quantization === 0 ? undefined : list(field(quantization, 2), 4)[0];
    const zero = quantization === 0 ? undefined : list(field(quantization, 3), 8)[0];
    return {
      name: new TextDecoder().decode(Uint8Array.from(name)),
      elements: shape.reduce((product, dimension) => product * dimension, 1),
      dtype: TFLITE_TYPES[type === 0 ? 0 : view.getInt8(type)] ?? 'other',
      ...(scale === undefined || zero === undefined
        ? {}
        : {
            quantization: {
              scale: view.getFloat32(scale, true),
              zeroPoint: Number(view.getBigInt64(zero, true)),
            },
          }),
    };
  };
  return { inputs: list(field(graph, 1), 4).map(info), outputs: list(field(graph, 2), 4).map(info) };
}

// --- TensorFlow.js

interface TfjsTensors {
  [name: string]: { dtype: string; tensorShape?: { dim: { size: string }[] } };
}

function readTfjs(bytes: Uint8Array): Signature {
  const { signature }: { signature: { inputs: TfjsTensors; outputs: TfjsTensors } } = JSON.parse(
    new TextDecoder().decode(bytes),
  );
  const infos = (tensors: TfjsTensors): TensorInfo[] =>
    Object.entries(tensors).map(([name, { dtype, tensorShape }]) => ({
      name,
      // the converter left out the shapes of outputs
      elements: tensorShape?.dim.reduce((product, { size }) => product * Number(size), 1) ?? Number.NaN,
      dtype: dtype === 'DT_FLOAT' ? 'float32' : 'other',
    }));
  return { inputs: infos(signature.inputs), outputs: infos(signature.outputs) };
}
