import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { assets } from '../src/assets.ts';
import { BUILDS } from '../src/instance.ts';
import { wrapGlue } from '../src/wrap-glue.ts';

const modules = new URL('../node_modules/', import.meta.url);
const read = (path: string) =>
  readFile(
    path.startsWith('@seg/litert/')
      ? new URL(`../${path.slice(12)}`, import.meta.url)
      : new URL(path, modules),
  );

describe.each(Object.values(BUILDS))('%s.js', (name) => {
  it('becomes an ES module that differs from the script in nothing else', async () => {
    const script = (await read(`@litertjs/core/wasm/${name}.js`)).toString();
    const wrapped = wrapGlue(script);
    const [ours, theirs] = [wrapped.split('\n'), script.split('\n')];
    const threads =
      name === BUILDS.threaded ? Array(2).fill(expect.stringContaining('"type": "module"')) : [];
    expect(ours.filter((line) => !theirs.includes(line))).toEqual([
      expect.stringContaining('Apache-2.0), changed'),
      'const module = { exports: {} };',
      'const exports = module.exports;',
      ...threads,
      'export default module.exports;',
    ]);
    expect(theirs.filter((line) => !ours.includes(line))).toHaveLength(threads.length);
  });

  it('becomes one that gives its factory, also when a bundler has made it smaller', async () => {
    const script = (await read(`@litertjs/core/wasm/${name}.js`)).toString();
    const { code } = await transform(script, { minify: true });
    expect(code.length).toBeLessThan(script.length / 2);
    for (const text of [script, code]) {
      const folder = await mkdtemp(join(tmpdir(), 'seg-litert-'));
      const file = join(folder, 'glue.mjs');
      await writeFile(file, wrapGlue(text));
      const { default: factory } = await import(pathToFileURL(file).href);
      await rm(folder, { recursive: true });
      expect(factory).toBeTypeOf('function');
    }
    expect(wrapGlue(code).split('"type": "module"').length).toBe(name === BUILDS.threaded ? 3 : 1);
  });

  it('needs no eval', async () => {
    const script = (await read(`@litertjs/core/wasm/${name}.js`)).toString();
    expect(script).not.toMatch(/\beval\(|new Function\b|\bFunction\(/);
  });
});

it.each([
  ['a web page', '<!doctype html><title>Not found</title>'],
  ['nothing', ''],
])('%s is refused', (_, text) => {
  expect(() => wrapGlue(text)).toThrow(expect.objectContaining({ code: 'unsupported' }));
});

it('another version of the script is refused', async () => {
  const script = (await read('@litertjs/core/wasm/litert_wasm_threaded_internal.js')).toString();
  const changes = [
    script.replace('module.exports = ModuleFactory;', ''),
    script.replace('"name": "em-pthread"', '"name": "another"'),
    script.replace('var ModuleFactory = (() => {', 'var Factory = (() => {'),
    `${script}${script}`,
  ];
  for (const changed of changes) {
    expect(() => wrapGlue(changed)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  }
});

describe('seg assets copy', () => {
  const names = async (accelerator?: string) =>
    (await assets.files({ accelerator, read })).map(({ name }) => name);
  const pair = (name: string) => [`${name}.mjs`, `${name}.wasm`];

  it('gets the worker, and the builds that a page may load', async () => {
    expect(await names()).toEqual(['litert.worker.js', ...Object.values(BUILDS).flatMap(pair)]);
    expect(await names('webgpu')).toEqual([
      'litert.worker.js',
      ...[BUILDS.plain, BUILDS.compatible].flatMap(pair),
    ]);
  });

  it('is told of an accelerator that there is not', async () => {
    await expect(names('npu')).rejects.toMatchObject({ code: 'unsupported' });
  });
});
