// Under a strict Content-Security-Policy, which this file's page gives itself: it cannot be taken back.
import { loadTiny } from '@seg/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireWasm } from '../../src/wasm.ts';
import { inline } from './helpers.ts';

function restrict(policy: string): void {
  const meta = document.createElement('meta');
  Object.assign(meta, { httpEquiv: 'Content-Security-Policy', content: policy });
  document.head.append(meta);
}

async function outputOf(accelerator: 'webgpu' | 'wasm' | 'cpu') {
  const runtime = inline(accelerator);
  const { session, stages } = await runtime.open(await loadTiny('rgb', runtime));
  const picture = { format: 'rgb8', width: 16, height: 16, data: new Uint8Array(768).fill(7) } as const;
  const { tensor } = await stages.prepare(picture);
  const output = await session.run(tensor);
  const data = [...(await output.read())];
  for (const each of [tensor, output]) each.dispose();
  await session.dispose();
  stages.dispose();
  return data.map((value) => Number(value).toFixed(3));
}

beforeAll(() => {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 8, configurable: true });
  restrict("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'");
});
afterAll(() => void Reflect.deleteProperty(navigator, 'hardwareConcurrency'));

test('every back end works, and none evaluates text', async () => {
  expect(() => new Function('')).toThrow('Content Security Policy');
  const [cpu, wasm, webgpu] = [await outputOf('cpu'), await outputOf('wasm'), await outputOf('webgpu')];
  expect(cpu.length).toBe(256);
  expect(wasm).toEqual(cpu);
  expect(webgpu).toEqual(cpu);
});

test('threads are workers of blob: addresses: they are refused, not waited for', async () => {
  await expect(requireWasm(2)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('worker-src blob:'),
  });
});

test("without 'wasm-unsafe-eval' wasm is refused with the word that is missing; the others work", async () => {
  await requireWasm(1);
  restrict("script-src 'self'");
  await expect(requireWasm(1)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining("'wasm-unsafe-eval'"),
  });
  expect(await outputOf('webgpu')).toEqual(await outputOf('cpu'));
});
