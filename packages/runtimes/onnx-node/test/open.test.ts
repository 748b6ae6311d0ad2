import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isSegmentError } from '@seg/core';
import { loadTiny, oddBytes, tinyCards, tinySource } from '@seg/testkit';
import { describe, expect, it } from 'vitest';
import { inspectOnnx, onnxNode, onnxRuntimeInfo } from '../src/index.ts';
import { findProviders } from '../src/vendor.ts';
import { fileModel, openTiny, someInput } from './helpers.ts';

const inline = onnxNode({ mode: 'inline', threads: 1, source: tinySource });
const text = new TextEncoder().encode('# Readme\n\nThis is a text file that somebody called model.onnx.\n');

/** What opening rejects with, in both modes the same. */
async function refusal(model: Awaited<ReturnType<typeof fileModel>>) {
  const errors: unknown[] = [];
  for (const mode of ['inline', 'worker'] as const) {
    await onnxNode({ mode, threads: 1 })
      .open(model)
      .catch((error: unknown) => errors.push(error));
  }
  const [first, second] = errors;
  if (!isSegmentError(first) || !isSegmentError(second))
    throw new Error(`refused with ${first} and ${second}`);
  expect(second).toMatchObject({ code: first.code, message: first.message, detail: first.detail });
  return first;
}

describe('a file that does not fit is refused at the door', () => {
  it('a text file called .onnx', async () => {
    const error = await refusal(await fileModel(text, {}, {}));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain('not an ONNX model');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('an empty file and a file cut short', async () => {
    const { parts } = await loadTiny('rgb');
    const half = parts[0]?.slice(0, 400) ?? new Uint8Array();
    expect((await refusal(await fileModel(new Uint8Array(), {}, {}))).code).toBe('invalid-input');
    expect((await refusal(await fileModel(half, {}, {}))).code).toBe('invalid-input');
  });

  it('names that the file does not have: the error lists those it has', async () => {
    const [bytes = new Uint8Array()] = (await loadTiny('rgb')).parts;
    const input = await refusal(await fileModel(bytes, { name: 'image' }, {}));
    expect(input).toMatchObject({
      code: 'invalid-card',
      detail: { expected: '"input"', received: '"image"' },
    });
    const output = await refusal(await fileModel(bytes, {}, { name: 'classes' }));
    expect(output.detail.expected).toBe('"unused", "logits"');
  });

  it('element types, counts and layouts that disagree', async () => {
    const [bytes = new Uint8Array()] = (await loadTiny('rgb')).parts;
    expect((await refusal(await fileModel(bytes, { dtype: 'uint8' }, {}))).message).toContain('float32');
    expect((await refusal(await fileModel(bytes, {}, { dtype: 'int64' }))).code).toBe('invalid-card');
    const large = { width: 32, height: 32 };
    expect((await refusal(await fileModel(bytes, { size: large }, {}))).message).toContain('[1,3,16,16]');
    expect((await refusal(await fileModel(bytes, { layout: 'hwc' }, {}))).code).toBe('invalid-card');
    expect((await refusal(await fileModel(bytes, {}, { channels: [0, 1] }))).code).toBe('invalid-card');
  });

  it('float16, more inputs, unknown operators', async () => {
    for (const odd of ['float16', 'operator', 'two-inputs'] as const) {
      const error = await refusal(await fileModel(oddBytes(odd), {}, { channels: [0, 1, 2] }));
      expect([odd, error.code]).toEqual([odd, 'unsupported']);
    }
  });

  it('a tensor that is not the input', async () => {
    const { session } = await openTiny('uint8', { mode: 'inline' });
    await expect(session.run(someInput())).rejects.toMatchObject({ code: 'invalid-input' });
    await session.dispose();
  });
});

describe('inspectOnnx', () => {
  it('gives names, types and shapes, dynamic dimensions by name', async () => {
    const [bytes = new Uint8Array()] = (await loadTiny('sigmoid')).parts;
    expect(await inspectOnnx(bytes)).toEqual({
      inputs: [{ name: 'input', dtype: 'float32', shape: ['batch', 3, 'height', 'width'] }],
      outputs: [{ name: 'person', dtype: 'float32', shape: ['batch', 1, 'height', 'width'] }],
    });
    const index = await loadTiny('index');
    const outputs = (await inspectOnnx(index.parts[0] ?? new Uint8Array())).outputs;
    expect(outputs.map(({ dtype }) => dtype)).toEqual(['int64', 'int32']);
  });

  it('refuses a text file', async () => {
    await expect(inspectOnnx(text)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe("the vendor's session options", () => {
  it.each(['inline', 'worker'] as const)('reach the vendor untouched, %s', async (mode) => {
    const folder = mkdtempSync(join(tmpdir(), 'seg-onnx-node-'));
    const optimized = join(folder, 'optimized.onnx');
    const session = {
      optimizedModelFilePath: optimized,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'trace'),
    };
    const opened = await openTiny('rgb', { mode, session });
    (await opened.session.run(someInput())).dispose();
    await opened.session.dispose();
    expect(existsSync(optimized)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('trace'))).toHaveLength(1);
  });

  it('win over ours', async () => {
    const wrong = { intraOpNumThreads: -7 };
    await expect(openTiny('rgb', { mode: 'inline', session: wrong })).rejects.toMatchObject({
      code: 'runtime',
    });
  });

  it('that no thread can be sent say so', async () => {
    const session = { extra: { callback: () => 1 } };
    const opening = openTiny('rgb', { mode: 'worker', session });
    await expect(opening).rejects.toMatchObject({
      code: 'invalid-input',
      detail: { hint: expect.stringContaining('inline') },
    });
  });
});

describe('execution providers', () => {
  it('an absent one is refused by probe and open, never dropped', async () => {
    const runtime = onnxNode({ mode: 'inline', session: { executionProviders: ['xnnpack', 'cpu'] } });
    expect(await runtime.probe()).toMatchObject({ ok: false, reason: expect.stringContaining('xnnpack') });
    await expect(runtime.open(await loadTiny('rgb'))).rejects.toThrow('lacks an execution provider');
  });

  it('the CPU is named when it was asked for or nothing was', async () => {
    expect(await inline.probe()).toEqual({ ok: true });
    for (const session of [{}, { executionProviders: ['cpu'] }]) {
      const opened = await openTiny('rgb', { mode: 'inline', session });
      expect(opened.session.accelerator).toBe('cpu');
      await opened.session.dispose();
    }
  });

  it('what really ran is read from a trace', async () => {
    const { parts, variant } = await loadTiny('rgb');
    const feed = {
      name: 'input',
      dtype: 'float32',
      shape: [1, 3, 16, 16],
      data: new Float32Array(768),
    } as const;
    expect(await findProviders(parts[0] ?? new Uint8Array(), {}, feed, variant.output.name)).toEqual(['cpu']);
  });

  it('webgpu either computes and says so, or is refused', async () => {
    const session = { executionProviders: ['webgpu'] };
    const outcome = await openTiny('rgb', { mode: 'inline', session }).then(
      async (opened) => {
        await opened.session.dispose();
        return opened.session.accelerator;
      },
      (error: unknown) => (isSegmentError(error) ? error.code : error),
    );
    expect(['unsupported', 'webgpu', 'webgpu+cpu']).toContain(outcome);
  });
});

describe('the peer', () => {
  const withoutPeer = async (what: string) => {
    const script = fileURLToPath(new URL('no-peer.mjs', import.meta.url));
    return JSON.parse((await promisify(execFile)(process.execPath, [script, what])).stdout);
  };

  it('that is not installed is asked for with the command that installs it', async () => {
    const { probe, open } = await withoutPeer('package');
    expect(probe).toMatchObject({
      ok: false,
      reason: expect.stringContaining('npm install onnxruntime-node'),
    });
    expect(open).toBe('unsupported');
  });

  it('that has no binary for this platform is not asked for again', async () => {
    const { probe } = await withoutPeer('binary');
    expect(probe.reason).toContain(`no binary that loads on ${process.platform}`);
  });

  it('says its version and providers', async () => {
    const { version, providers } = await onnxRuntimeInfo();
    expect(version).toMatch(/^1\.\d+\.\d+/);
    expect(providers).toContain('cpu');
  });
});

describe('the usual way', () => {
  it('refuses threads that are none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => onnxNode({ threads })).toThrow('expected a whole number from 1');
    }
  });

  it('finds the tiny models by their file addresses in the default source', async () => {
    const [part] = tinyCards.rgb.variants[0]?.parts ?? [];
    if (part === undefined) throw new Error('no part');
    expect((await onnxNode().source.load(part)).length).toBe(part.bytes);
  });
});
