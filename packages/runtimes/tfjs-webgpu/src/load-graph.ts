import { type LoadedModel, SegmentError } from '@seg/core';
import { firstLine, type GraphModel, type Vendor } from './vendor.ts';

interface Weight {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

interface ModelJson {
  readonly modelTopology: object;
  readonly signature?: object;
  readonly userDefinedMetadata?: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly Weight[];
  }[];
}

/**
 * Makes a graph of model.json and its weight files; its weights are tensors until it is disposed.
 *
 * @throws SegmentError `invalid-input` (no graph model, other weight files than it names), `unsupported` (a layers model)
 */
export function loadGraph({ tf, converter }: Vendor, model: LoadedModel): GraphModel {
  const json = parseModel(model);
  const artifacts = {
    modelTopology: { versions: {}, ...json.modelTopology }, // tfjs reads the versions, and only shows them
    weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
    weightData: weightData(json, model),
    ...(json.signature !== undefined && { signature: json.signature }),
    ...(json.userDefinedMetadata !== undefined && { userDefinedMetadata: json.userDefinedMetadata }),
  };
  // biome-ignore lint/plugin: these are the fields of model.json; what tfjs cannot use of them, it throws at
  const source = artifacts as Parameters<typeof converter.loadGraphModelSync>[0];
  const made: GraphModel[] = [];
  try {
    // so that weights which came before an error do not stay
    tf.tidy(() => {
      const graph = converter.loadGraphModelSync(source);
      for (const tensors of Object.values(graph.weights)) tensors.forEach(tf.keep);
      made.push(graph);
    });
  } catch (cause) {
    throw new SegmentError('invalid-input', `tfjs does not load this model: ${firstLine(cause)}`, { cause });
  }
  const [graph] = made;
  if (graph === undefined) throw new SegmentError('runtime', 'tfjs gave no graph');
  return graph;
}

function parseModel({ variant, parts: [bytes = new Uint8Array()] }: LoadedModel): ModelJson {
  const path = variant.parts[0]?.path ?? 'model.json';
  const json = parseJson(path, bytes);
  if (json.format === 'layers-model') {
    throw new SegmentError('unsupported', `${path} is a layers model`, {
      expected: 'a graph model',
      hint: 'Convert it: tensorflowjs_converter --output_format=tfjs_graph_model',
    });
  }
  if (isModelJson(json)) return json;
  throw notAModel(path, bytes, 'JSON without a graph (modelTopology.node) and its weights (weightsManifest)');
}

function parseJson(path: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const begin = JSON.stringify(String.fromCharCode(...bytes.subarray(0, 24)));
    throw notAModel(
      path,
      bytes,
      `${bytes.length} bytes that begin with ${begin}: ${firstLine(cause)}`,
      cause,
    );
  }
}

function notAModel(path: string, bytes: Uint8Array, received: string, cause?: unknown): SegmentError {
  const what = bytes.length === 0 ? 'empty' : 'no graph model of tfjs, or cut short';
  return new SegmentError('invalid-input', `${path} is ${what}`, {
    expected: 'a model.json',
    received,
    cause,
  });
}

function isModelJson(json: object): json is ModelJson {
  const { modelTopology, weightsManifest }: Partial<Record<keyof ModelJson, unknown>> = json;
  const groups: readonly unknown[] = Array.isArray(weightsManifest) ? weightsManifest : [null];
  const isWeight = (weight: unknown) => Array.isArray(Object(weight).shape);
  return (
    Array.isArray(Object(modelTopology).node) &&
    groups.map(Object).every(({ paths, weights }) => {
      return Array.isArray(paths) && Array.isArray(weights) && weights.every(isWeight);
    })
  );
}

/** The weight files in the manifest's order: it names them from model.json's folder. */
function weightData({ weightsManifest }: ModelJson, { variant, parts }: LoadedModel): ArrayBuffer[] {
  const folder = variant.parts[0]?.path.replace(/[^/]*$/, '') ?? '';
  const files = new Map(variant.parts.map(({ path }, i) => [path, parts[i]]));
  return weightsManifest.flatMap(({ paths, weights }) => {
    const shards = paths.map((path) => {
      const bytes = files.get(folder + path);
      if (bytes !== undefined) return bytes;
      throw new SegmentError('invalid-input', 'a weight file that the model names is missing', {
        expected: `${folder}${path}`,
        received: [...files.keys()].slice(1).join(', ') || 'none',
      });
    });
    requireLength(paths, weights, shards);
    return shards.map(bufferOf);
  });
}

/** Too short a file would be an error of tfjs somewhere inside, too long a one would pass. */
function requireLength(
  paths: readonly string[],
  weights: readonly Weight[],
  shards: readonly Uint8Array[],
): void {
  if (weights.some(({ dtype }) => dtype === 'string')) return; // their length is in the file
  const expected = weights.reduce((sum, weight) => sum + lengthOf(weight), 0);
  const received = shards.reduce((sum, { length }) => sum + length, 0);
  if (expected === received) return;
  throw new SegmentError('invalid-input', `the weights in ${paths.join(', ')} are not those of this model`, {
    expected: `${expected} bytes, as model.json says`,
    received: `${received}`,
  });
}

const BYTES: Readonly<Record<string, number>> = { uint8: 1, bool: 1, uint16: 2, float16: 2, complex64: 8 };

function lengthOf({ shape, dtype, quantization }: Weight): number {
  const each = BYTES[quantization?.dtype ?? dtype] ?? 4;
  return shape.reduce((product, length) => product * length, each);
}

/** tfjs looks at whole buffers, whatever part of one a view shows. */
function bufferOf(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
