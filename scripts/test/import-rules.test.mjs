// Every import rule, shown to fire on a deliberate violation, all in one small tree; what is allowed stays quiet.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import rules from '../../.dependency-cruiser.mjs';
import { root } from '../workspace.mjs';

const violations = [
  ['R1-core-imports-nothing', 'packages/core/src/a.ts', "import 'node:fs';"],
  [
    'R1-core-imports-nothing',
    'packages/core/src/b.ts',
    "import type { T } from '@seg/node'; export type A = T;",
  ],
  ['R2-node', 'packages/node/src/a.ts', "import '@seg/models';"],
  ['R2-metrics', 'packages/metrics/src/a.ts', "import '@seg/node';"],
  ['R2-convert', 'packages/convert/src/a.ts', "import '@seg/web';"],
  ['R2-effects', 'packages/effects/src/a.ts', "import '@seg/models';"],
  ['R2-web', 'packages/web/src/a.ts', "import '@seg/effects';"],
  ['R2-bench', 'packages/bench/src/a.ts', "import '@seg/onnx-node';"],
  ['R2-testkit', 'packages/testkit/src/a.ts', "import '@seg/node';"],
  ['R2-models', 'models/src/a.ts', "import type { T } from '@seg/web'; export type A = T;"],
  ['R2-models-types-only', 'models/src/b.ts', "import { x } from '@seg/core'; x();"],
  ['R3-adapter', 'packages/runtimes/onnx-node/src/a.ts', "import '@seg/node';"],
  ['R3-adapter', 'packages/runtimes/onnx-node/src/b.ts', "import '@seg/models';"],
  ['R3-adapter', 'packages/runtimes/onnx-web/src/a.ts', "import '@seg/onnx-node';"],
  ['R3-onnx-node-without-web', 'packages/runtimes/onnx-node/src/c.ts', "import '@seg/web';"],
  [
    'R4-vendor-in-one-file',
    'packages/runtimes/onnx-node/src/d.ts',
    "import type { T } from 'onnxruntime-node'; export type A = T;",
  ],
  ['R4-vendor-in-its-adapter', 'packages/cli/src/a.ts', "import 'onnxruntime-node';"],
  ['R5-no-testkit-in-src', 'packages/cli/src/b.ts', "import '@seg/testkit';"],
  ['R5-package-names-only', 'benchmarks/src/a.ts', "import '../../packages/core/src/good.ts';"],
  ['R5-no-way-into-another-package', 'packages/cli/test/a.ts', "import '../../core/src/good.ts';"],
  ['R6-no-cycles', 'packages/cli/src/c.ts', "import type { D } from './d.ts'; export type C = D;"],
  ['R6-not-its-own-index', 'packages/core/src/c.ts', "import { x } from './index.ts'; x();"],
  ['R6-not-its-own-index', 'packages/node/src/b.ts', "import '@seg/node';"],
  ['R7-no-node-in-the-browser', 'packages/web/src/b.ts', "import 'node:fs';"],
  ['R7-only-core-fetches', 'packages/node/src/c.ts', "import 'node:https';"],
  ['R7-pictures-in-node-only', 'packages/cli/src/e.ts', "import 'sharp';"],
  ['declared-dependencies-only', 'packages/cli/src/f.ts', "import 'undeclared';"],
  ['no-development-dependency-in-src', 'packages/cli/src/g.ts', "import 'protobufjs';"],
  ['nothing-unresolved', 'packages/cli/src/h.ts', "import './nowhere.ts';"],
];

const allowed = {
  'packages/core/src/good.ts': 'export const x = () => 1; export type T = number;',
  'packages/cli/src/d.ts': "import type { C } from './c.ts'; export type D = C;",
  'packages/cli/src/good.ts':
    "import '@seg/core'; import '@seg/models'; import '@seg/onnx-node'; import 'node:fs';",
  'packages/cli/test/good.ts': "import '@seg/testkit'; import '../src/index.ts'; import 'protobufjs';",
  'models/src/good.ts': "import type { T } from '@seg/core'; export type A = T;",
  'packages/node/src/good.ts': "import '@seg/core'; import 'sharp'; import 'node:fs';",
  'packages/runtimes/onnx-node/src/good.ts':
    "import '@seg/core'; import '@seg/node/cache'; import 'onnxruntime-node'; import './other.ts';",
  'packages/runtimes/onnx-node/src/other.ts': "import type { T } from '@seg/core'; export type A = T;",
  'benchmarks/src/good.ts': "import '@seg/onnx-node'; import 'onnxruntime-node';",
};

const names = ['bench', 'cli', 'convert', 'core', 'effects', 'metrics', 'node', 'testkit', 'web'];
const folders = Object.fromEntries([
  ...names.map((name) => [name, `packages/${name}`]),
  ...['onnx-node', 'onnx-web'].map((name) => [name, `packages/runtimes/${name}`]),
  ...['models', 'benchmarks'].map((name) => [name, name]),
]);
const vendors = ['onnxruntime-node', 'sharp', 'protobufjs', 'undeclared'];
const tree = mkdtempSync(join(tmpdir(), 'seg-import-rules-'));
const vendor = 'node_modules/onnxruntime-node/index.js'; // this rule names the vendor, which has two dependents
let found;

const write = (file, text) => {
  mkdirSync(join(tree, dirname(file)), { recursive: true });
  writeFileSync(join(tree, file), text);
};

beforeAll(() => {
  for (const [name, folder] of Object.entries(folders)) {
    const entry = (file) => ({ import: { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` } });
    const dependencies = Object.fromEntries([
      ...Object.keys(folders).map((other) => [`@seg/${other}`, '*']),
      ...['onnxruntime-node', 'sharp'].map((vendor) => [vendor, '*']),
    ]);
    const exports = { '.': entry('index'), './cache': entry('cache') };
    write(
      `${folder}/package.json`,
      JSON.stringify({
        name: `@seg/${name}`,
        type: 'module',
        exports,
        dependencies,
        devDependencies: { protobufjs: '*' },
      }),
    );
    for (const file of ['dist/index.js', 'dist/cache.js']) write(`${folder}/${file}`, 'export {};');
    write(`${folder}/src/index.ts`, 'export const x = () => 1;');
    mkdirSync(join(tree, 'node_modules/@seg'), { recursive: true });
    symlinkSync(join(tree, folder), join(tree, 'node_modules/@seg', name), 'junction');
  }
  for (const vendor of vendors) {
    write(`node_modules/${vendor}/package.json`, JSON.stringify({ name: vendor, main: 'index.js' }));
    write(`node_modules/${vendor}/index.js`, '');
  }
  write('package.json', JSON.stringify({ name: 'tree' }));
  for (const [, file, text] of violations) write(file, text);
  for (const [file, text] of Object.entries(allowed)) write(file, text);

  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = ['--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json'];
  const json = execFileSync(process.execPath, [depcruise, ...config, 'packages', 'models', 'benchmarks'], {
    cwd: tree,
    maxBuffer: 2 ** 26,
  });
  found = JSON.parse(json).summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

test.each(violations)('%s is reported in %s', (rule, from) => {
  const place = rule === 'R4-vendor-in-one-file' ? vendor : from;
  expect(found.filter((violation) => violation.from === place).map((violation) => violation.rule)).toContain(
    rule,
  );
});

test('what is allowed is not reported', () => {
  const files = Object.keys(allowed).filter((file) => file !== 'packages/cli/src/d.ts');
  expect(found.filter(({ from }) => files.includes(from))).toEqual([]);
});

test('every rule has a violation', () => {
  expect(new Set(violations.map(([rule]) => rule))).toEqual(new Set(rules.forbidden.map(({ name }) => name)));
});
