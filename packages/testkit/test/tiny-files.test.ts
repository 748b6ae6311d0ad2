import type { LoadedModel, ModelVariant } from '@seg/core';
import { type ModelFile, requireRecipe } from '@seg/core/adapter';
import { describe, expect, it } from 'vitest';
import { loadTiny, oddBytes, type TinyModel, tinyCards, tinyModels } from '../src/index.ts';
import { tinyWeights } from '../src/tiny-weights.generated.ts';
import { readTflite } from './read-tflite.ts';

const weightsOf = {
  rgb: tinyWeights.colors,
  external: tinyWeights.colors,
  slow: tinyWeights.colors,
  uint8: tinyWeights.colors,
  int8: tinyWeights.colors,
  index: tinyWeights.colors,
  nhwc: tinyWeights.colorsOfBgr,
  sigmoid: tinyWeights.person,
  previous: tinyWeights.previous,
} as const satisfies Record<TinyModel, unknown>;

const modelsIn = (format: ModelVariant['format']) =>
  tinyModels.filter((model) => tinyCards[model].variants.some((each) => each.format === format));

/** The reference's weights, [to, from, kernel, kernel], with the dimensions in another order. */
function weightsIn(order: 'ohwi' | 'hwio', { kernel, from, to, weights }: (typeof weightsOf)[TinyModel]) {
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  const at = (o: number, y: number, x: number, i: number) =>
    weights[((o * from + i) * kernel + y) * kernel + x];
  const places = range(kernel).flatMap((y) => range(kernel).map((x) => [y, x] as const));
  return order === 'ohwi'
    ? range(to).flatMap((o) => places.flatMap(([y, x]) => range(from).map((i) => at(o, y, x, i))))
    : places.flatMap(([y, x]) => range(from).flatMap((i) => range(to).map((o) => at(o, y, x, i))));
}

describe('TFLite files', () => {
  it.each(modelsIn('tflite'))('tiny-%s is what its card says', async (model) => {
    const { variant, parts } = await loadTiny(model, { format: 'tflite' });
    const file = readTflite(parts[0] ?? new Uint8Array());
    expect(file.identifier).toBe('TFL3');
    expect(requireRecipe(file, variant, 'this test')).toEqual(file.inputs[0]?.shape);
    expect(file.signature).toEqual([...file.inputs, ...file.outputs].map(({ name }) => name));
    const network = weightsOf[model];
    expect(Array.from(file.constant('weights'))).toEqual(weightsIn('ohwi', network));
    expect(Array.from(file.constant('bias'))).toEqual(network.bias);
  });

  it('have the output that no card names in front', async () => {
    for (const model of ['rgb', 'index'] as const) {
      const { parts } = await loadTiny(model, { format: 'tflite' });
      expect(readTflite(parts[0] ?? new Uint8Array()).outputs[0]?.name).toBe('unused');
    }
  });

  it('that are odd are odd in one way', () => {
    expect(readTflite(oddBytes('operator', 'tflite')).operators).toEqual([32]);
    const two = readTflite(oddBytes('two-inputs', 'tflite'));
    expect(two.inputs.map(({ name }) => name)).toEqual(['input', 'other']);
    const index = readTflite(oddBytes('int64', 'tflite'));
    expect(index.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['unused', 'float32'],
      ['classes', 'int64'],
    ]);
    expect(readTflite(oddBytes('batch', 'tflite')).inputs[0]?.shape).toEqual([null, 16, 16, 3]);
  });
});

describe('tfjs files', () => {
  it.each(modelsIn('tfjs'))('tiny-%s is what its card says', async (model) => {
    const loaded = await loadTiny(model, { format: 'tfjs' });
    const { file, weights } = readTfjs(loaded);
    expect(requireRecipe(file, loaded.variant, 'this test')).toHaveLength(4);
    const network = weightsOf[model];
    expect(weights('weights')).toEqual(weightsIn('hwio', network));
    expect(weights('bias')).toEqual(network.bias);
  });

  it('have the output that no card names in front', async () => {
    for (const model of ['rgb', 'external', 'index'] as const) {
      expect(readTfjs(await loadTiny(model, { format: 'tfjs' })).file.outputs[0]?.name).toBe('unused');
    }
  });

  it('external: the weights lie in two files, cut inside a weight', async () => {
    const { parts } = await loadTiny('external', { format: 'tfjs' });
    const [, first, second] = parts.map(({ length }) => length);
    expect([first, second]).toEqual([240, 240]); // border 32, weights 432, bias 16 bytes
  });

  it('that are odd are odd in one way', () => {
    expect(JSON.stringify(parse(oddBytes('operator', 'tfjs')))).toContain('Frobnicate');
    expect(Object.keys(parse(oddBytes('two-inputs', 'tfjs')).signature.inputs)).toEqual(['input', 'other']);
  });
});

interface TfjsJson {
  signature: Record<'inputs' | 'outputs', Record<string, TfjsValue>>;
  modelTopology: { node: { name: string }[] };
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[];
}
interface TfjsValue {
  dtype: string;
  tensorShape: { dim: { size: string }[] };
}

function parse(bytes: Uint8Array): TfjsJson {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function readTfjs({ variant, parts: [model = new Uint8Array(), ...shards] }: LoadedModel) {
  const { signature, modelTopology, weightsManifest } = parse(model);
  const values = (kind: 'inputs' | 'outputs'): ModelFile['inputs'] =>
    Object.entries(signature[kind]).map(([name, { dtype, tensorShape }]) => {
      expect(modelTopology.node.map((each) => each.name)).toContain(name);
      const shape = tensorShape.dim.map(({ size }) => (size === '-1' ? null : Number(size)));
      return { name, dtype: dtype === 'DT_FLOAT' ? 'float32' : 'int32', shape };
    });
  const [group] = weightsManifest;
  expect(group?.paths).toEqual(variant.parts.slice(1).map(({ path }) => path));
  const bytes = Uint8Array.from(shards.flatMap((shard) => [...shard]));
  const weights = (name: string) => {
    let at = 0;
    for (const each of group?.weights ?? []) {
      const length = each.shape.reduce((product, side) => product * side, 1);
      if (each.name === name) return Array.from(new Float32Array(bytes.buffer, at, length));
      at += length * 4; // both int32 and float32
    }
    return [];
  };
  return { file: { inputs: values('inputs'), outputs: values('outputs') }, weights };
}
