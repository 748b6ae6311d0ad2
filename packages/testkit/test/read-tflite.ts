import type { FileValue, ModelFile } from '@seg/core/adapter';
import { ByteBuffer } from 'flatbuffers';

// Slots, types and operators: tensorflow/lite/schema/schema.fbs of github.com/tensorflow/tensorflow.
const MODEL = { operatorCodes: 1, subgraphs: 2, buffers: 4, signatures: 7 };
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2 };
const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, signature: 7 };
const TYPES: Readonly<Record<number, string>> = {
  0: 'float32',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  9: 'int8',
};

/** What a TFLite file says of itself, by a reader that shares nothing with the writer but the schema. */
export interface TfliteFile extends ModelFile {
  readonly identifier: string;
  /** Names in the signature, inputs and then outputs. */
  readonly signature: readonly string[];
  /** Builtin operators by number; 32 is a custom one. */
  readonly operators: readonly number[];
  /** The float32 contents of a tensor. */
  constant(name: string): Float32Array;
}

export function readTflite(bytes: Uint8Array): TfliteFile {
  const buffer = new ByteBuffer(bytes);
  const model = table(buffer, buffer.readInt32(0));
  const [graph] = model.tables(MODEL.subgraphs);
  if (graph === undefined) throw new Error('no subgraph');
  const tensors = graph.tables(SUBGRAPH.tensors);
  const value = (at: number): FileValue => {
    const tensor = tensors[at];
    if (tensor === undefined) throw new Error(`no tensor ${at}`);
    const shape = tensor.ints(TENSOR.signature) ?? tensor.ints(TENSOR.shape) ?? [];
    return {
      name: tensor.text(TENSOR.name),
      dtype: TYPES[tensor.byte(TENSOR.type)] ?? 'another type',
      shape: shape.map((length) => (length === -1 ? null : length)),
    };
  };
  const [signature] = model.tables(MODEL.signatures);
  const named = [...(signature?.tables(0) ?? []), ...(signature?.tables(1) ?? [])];
  return {
    identifier: String.fromCharCode(...bytes.subarray(4, 8)),
    inputs: (graph.ints(SUBGRAPH.inputs) ?? []).map(value),
    outputs: (graph.ints(SUBGRAPH.outputs) ?? []).map(value),
    signature: named.map((each) => each.text(0)),
    operators: model.tables(MODEL.operatorCodes).map((code) => code.int(3)),
    constant(name) {
      const tensor = tensors.find((each) => each.text(TENSOR.name) === name);
      return model.tables(MODEL.buffers)[tensor?.int(TENSOR.buffer) ?? 0]?.floats(0) ?? new Float32Array();
    },
  };
}

interface Table {
  byte(slot: number): number;
  int(slot: number): number;
  text(slot: number): string;
  ints(slot: number): number[] | null;
  floats(slot: number): Float32Array;
  tables(slot: number): Table[];
}

/** A table at `position`; absent scalars are 0, as their default is. */
function table(buffer: ByteBuffer, position: number): Table {
  /** Where a field stands; null where it is absent. Slot n is at byte 4 + 2n of the table's vtable. */
  const find = (slot: number) => {
    const offset = buffer.__offset(position, 4 + 2 * slot);
    return offset === 0 ? null : position + offset;
  };
  const scalar = (slot: number, read: (at: number) => number) => {
    const at = find(slot);
    return at === null ? 0 : read(at);
  };
  const vector = (slot: number) => {
    const at = find(slot);
    return at === null ? null : { start: buffer.__vector(at), length: buffer.__vector_len(at) };
  };
  const each = <Value>(slot: number, size: number, read: (at: number) => Value): Value[] | null => {
    const found = vector(slot);
    return found && Array.from({ length: found.length }, (_, i) => read(found.start + i * size));
  };
  return {
    byte: (slot) => scalar(slot, (at) => buffer.readInt8(at)),
    int: (slot) => scalar(slot, (at) => buffer.readInt32(at)),
    text(slot) {
      const at = find(slot);
      return at === null ? '' : String(buffer.__string(at));
    },
    ints: (slot) => each(slot, 4, (at) => buffer.readInt32(at)),
    floats(slot) {
      const { start, length } = vector(slot) ?? { start: 0, length: 0 };
      return new Float32Array(buffer.bytes().slice(start, start + length).buffer);
    },
    tables: (slot) => each(slot, 4, (at) => table(buffer, buffer.__indirect(at))) ?? [],
  };
}
