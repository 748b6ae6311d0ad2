// As much of a .tflite file (a FlatBuffer) as LiteRT does not tell: the names of tensors, custom operators, and which
// batches are left open. Field numbers: tensorflow/compiler/mlir/lite/schema/schema.fbs.

/** What a file says of itself. */
export interface TfliteFile {
  /** Custom operators by name. */
  readonly customOperators: readonly string[];
  /** By the name that the file's first signature gives an input or output: the name of its tensor. */
  readonly tensorNames: ReadonlyMap<string, string>;
  /** Where a graph input or output leaves its batch open (-1), and is 1 otherwise: byte offsets of that -1. */
  readonly openBatches: readonly number[];
}

const MODEL = { operatorCodes: 1, subgraphs: 2, signatures: 7 };
const OPERATOR_CODE = { customCode: 1 };
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2 };
const TENSOR = { shape: 0, name: 3, shapeSignature: 7 };
const SIGNATURE = { inputs: 0, outputs: 1 };
const TENSOR_MAP = { name: 0, tensor: 1 };

/** @returns null where the bytes are no such file; those that LiteRT must still refuse may pass */
export function readTflite(bytes: Uint8Array): TfliteFile | null {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null; // an offset that leads out of the file
    throw error;
  }
}

function read(bytes: Uint8Array): TfliteFile | null {
  if (new TextDecoder().decode(bytes.subarray(4, 8)) !== 'TFL3') return null;
  const buffer = createReader(bytes);
  const model = buffer.follow(0);
  const [graph] = buffer.tables(model, MODEL.subgraphs);
  if (graph === undefined) return null;
  const tensors = buffer.tables(graph, SUBGRAPH.tensors);
  const ends = [SUBGRAPH.inputs, SUBGRAPH.outputs].flatMap((field) => buffer.numbers(graph, field));
  const [signature] = buffer.tables(model, MODEL.signatures);
  const maps =
    signature === undefined
      ? []
      : [SIGNATURE.inputs, SIGNATURE.outputs].flatMap((field) => buffer.tables(signature, field));
  return {
    customOperators: buffer
      .tables(model, MODEL.operatorCodes)
      .map((code) => buffer.text(code, OPERATOR_CODE.customCode))
      .filter((name) => name !== ''),
    tensorNames: new Map(
      maps.flatMap((map) => {
        const tensor = tensors[buffer.number(map, TENSOR_MAP.tensor)];
        return tensor === undefined
          ? []
          : [[buffer.text(map, TENSOR_MAP.name), buffer.text(tensor, TENSOR.name)]];
      }),
    ),
    openBatches: ends.flatMap((index) => {
      const tensor = tensors[index];
      return tensor === undefined ? [] : openBatch(buffer, tensor);
    }),
  };
}

function openBatch(buffer: Reader, tensor: number): number[] {
  const shape = buffer.numbers(tensor, TENSOR.shape);
  const open = buffer.numbers(tensor, TENSOR.shapeSignature);
  const isBatch =
    open[0] === -1 && shape[0] === 1 && open.slice(1).every((length, i) => length === shape[i + 1]);
  return isBatch ? [buffer.vector(tensor, TENSOR.shapeSignature) + 4] : [];
}

type Reader = ReturnType<typeof createReader>;

/** Positions are byte offsets; a field that a table lacks is at 0. */
function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const follow = (at: number): number => at + view.getUint32(at, true);

  function field(table: number, index: number): number {
    const layout = table - view.getInt32(table, true);
    const entry = 4 + 2 * index;
    const offset = entry < view.getUint16(layout, true) ? view.getUint16(layout + entry, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  /** Where a vector or string begins, with its length. */
  function vector(table: number, index: number): number {
    const at = field(table, index);
    return at === 0 ? 0 : follow(at);
  }

  /** The places of a vector's elements, of four bytes each. */
  function places(table: number, index: number): number[] {
    const start = vector(table, index);
    const length = start === 0 ? 0 : view.getUint32(start, true);
    if (length > bytes.length / 4) throw new RangeError('longer than the file');
    return Array.from({ length }, (_, i) => start + 4 + 4 * i);
  }

  return {
    follow,
    vector,
    tables: (table: number, index: number): number[] => places(table, index).map(follow),
    numbers: (table: number, index: number): number[] =>
      places(table, index).map((at) => view.getInt32(at, true)),
    number(table: number, index: number): number {
      const at = field(table, index);
      return at === 0 ? 0 : view.getUint32(at, true);
    },
    text(table: number, index: number): string {
      const start = vector(table, index);
      if (start === 0) return '';
      return new TextDecoder().decode(bytes.subarray(start + 4, start + 4 + view.getUint32(start, true)));
    },
  };
}
