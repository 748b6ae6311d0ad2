import { chooseRuntime } from '@seg/core';
import { cards } from '@seg/models';
import { createModelCache } from '@seg/node/cache';
import { describe, expect, it } from 'vitest';
import { onnxNode } from '../src/index.ts';
import { shared } from './helpers.ts';

const source = createModelCache({ mirror: shared('models') ?? undefined, offline: true });

describe.each(cards.filter((card) => card.selfTest !== undefined))('the self-test of $id', (model) => {
  it('passes on the reference', async (context) => {
    const part = model.variants.find(({ format }) => format === 'onnx')?.parts[0];
    const found = part === undefined ? null : await source.find(part);
    context.skip(found === null, `${part?.path} is not at hand (set SEG_SHARED)`);
    const runtime = onnxNode({ threads: 1, mode: 'inline', source });
    expect(await chooseRuntime({ model, candidates: [runtime] })).toEqual({ runtime, rejected: [] });
  });
});
