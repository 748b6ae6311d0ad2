import type { InputRecipe, OutputRecipe } from '@seg/core';

/** One usual way to feed a network, and to read it. */
export interface UsualRecipe {
  /** From 1, as `--recipe` takes it. */
  readonly number: number;
  /** In words, for people. */
  readonly words: string;
  readonly input: Pick<InputRecipe, 'order' | 'mean' | 'std' | 'quantization'>;
  readonly values: OutputRecipe['values'];
}

type Feeding = readonly [words: string, input: UsualRecipe['input']];

const UNIT = { mean: [0, 0, 0], std: [255, 255, 255] } as const;
const SIGNED_UNIT = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] } as const;
/** ImageNet's 0.485, 0.456, 0.406 and 0.229, 0.224, 0.225 in units of bytes. */
const IMAGENET = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] } as const;
const RAW = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

const FLOAT: readonly Feeding[] = [
  ['x / 255, RGB', { ...UNIT, order: 'rgb' }],
  ['-1 to 1, RGB', { ...SIGNED_UNIT, order: 'rgb' }],
  ['ImageNet, RGB', { ...IMAGENET, order: 'rgb' }],
  ['raw 0 to 255, RGB', { ...RAW, order: 'rgb' }],
  ['x / 255, BGR', { ...UNIT, order: 'bgr' }],
  ['-1 to 1, BGR', { ...SIGNED_UNIT, order: 'bgr' }],
  ['ImageNet, BGR', { ...IMAGENET, order: 'bgr' }],
];

const BYTES: readonly Feeding[] = [
  ['raw 0 to 255, RGB', { ...RAW, order: 'rgb' }],
  ['raw 0 to 255, BGR', { ...RAW, order: 'bgr' }],
];

const SIGNED_BYTES: readonly Feeding[] = BYTES.map(([words, input]) => [
  `${words}, less 128`,
  { ...input, quantization: { scale: 1, zeroPoint: -128 } },
]);

const FEEDINGS: Readonly<Record<InputRecipe['dtype'], readonly Feeding[]>> = {
  float32: FLOAT,
  uint8: BYTES,
  int8: SIGNED_BYTES,
};

/**
 * The recipes that networks in this field have. Among exclusive classes the highest value wins, activated or not, so
 * only independent channels need to be tried both ways.
 */
export function usualRecipes(
  dtype: InputRecipe['dtype'],
  output: Pick<OutputRecipe, 'values' | 'classes'>,
): readonly UsualRecipe[] {
  const feedings = FEEDINGS[dtype];
  const activations =
    output.values === 'class-index' ? (['class-index'] as const) : (['logits', 'probabilities'] as const);
  const tried = output.classes === 'independent' ? activations : activations.slice(0, 1);
  return tried
    .flatMap((values) => feedings.map(([words, input]) => ({ words, input, values })))
    .map(({ words, input, values }, index) => ({
      number: index + 1,
      words: tried.length > 1 ? `${words}, ${values}` : words,
      input,
      values,
    }));
}
