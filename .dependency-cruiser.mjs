// Who may import whom. CONTRIBUTING.md says it in words; scripts/test/import-rules.test.mjs proves each rule.
// A workspace package resolves to its dist/, or, before a build, stays a bare name: `pkg` matches both.
const folders = {
  bench: 'packages/bench',
  cli: 'packages/cli',
  convert: 'packages/convert',
  core: 'packages/core',
  effects: 'packages/effects',
  metrics: 'packages/metrics',
  models: 'models',
  node: 'packages/node',
  testkit: 'packages/testkit',
  web: 'packages/web',
};
const adapters = 'onnx-node|onnx-web|tfjs-webgpu|tflite-wasm|litert';
const anyPackage = '^(@seg/|packages/|models/|apps/|benchmarks/)';
const source = (name) => `^${folders[name]}/src/`;
const pkg = (name, entry = '') => `^(@seg/${name}${entry}($|/)|${folders[name]}/(dist|src)${entry}(/|\\.|$))`;

/** Among the packages of this workspace, `name` may import itself and these. */
const mayImport = (rule, name, allowed) => ({
  name: rule,
  severity: 'error',
  from: { path: source(name) },
  to: { path: anyPackage, pathNot: [source(name), ...allowed.map((other) => pkg(other))] },
});

/** Vendor packages, and the one adapter whose one file may import each. */
const vendors = {
  'onnx-node': 'onnxruntime-node',
  'onnx-web': 'onnxruntime-web',
  'tfjs-webgpu': '@tensorflow/',
  litert: '@litertjs/',
};
const vendorPath = (vendor) => `(^|node_modules/)${vendor}`;

const error = { severity: 'error' };

export default {
  forbidden: [
    {
      name: 'R1-core-imports-nothing',
      ...error,
      from: { path: source('core') },
      to: { pathNot: source('core') },
    },

    mayImport('R2-node', 'node', ['core']),
    mayImport('R2-metrics', 'metrics', ['core']),
    mayImport('R2-convert', 'convert', ['core']),
    mayImport('R2-effects', 'effects', ['core', 'web']),
    mayImport('R2-web', 'web', ['core']),
    mayImport('R2-bench', 'bench', ['core', 'metrics', 'node']),
    mayImport('R2-testkit', 'testkit', ['core']),
    mayImport('R2-models', 'models', ['core']),
    {
      name: 'R2-models-types-only',
      ...error,
      from: { path: source('models') },
      to: { pathNot: source('models'), dependencyTypesNot: ['type-only', 'type-import'] },
    },

    {
      name: 'R3-adapter',
      ...error,
      from: { path: `^packages/runtimes/(${adapters})/src/` },
      to: {
        path: anyPackage,
        pathNot: ['^packages/runtimes/$1/(src|vendor)/', pkg('core'), pkg('web'), pkg('node', '/cache')],
      },
    },
    {
      name: 'R3-onnx-node-without-web',
      ...error,
      from: { path: '^packages/runtimes/onnx-node/src/' },
      to: { path: pkg('web') },
    },

    ...Object.entries(vendors).flatMap(([adapter, vendor]) => [
      {
        name: 'R4-vendor-in-one-file',
        ...error,
        from: { path: `^packages/runtimes/${adapter}/src/` },
        module: { path: vendorPath(vendor), numberOfDependentsMoreThan: 1 },
      },
      {
        name: 'R4-vendor-in-its-adapter',
        ...error,
        from: { path: '/src/', pathNot: [`^packages/runtimes/${adapter}/src/`, '^benchmarks/'] },
        to: { path: vendorPath(vendor) },
      },
    ]),

    {
      name: 'R5-no-testkit-in-src',
      ...error,
      from: { path: '/src/', pathNot: source('testkit') },
      to: { path: pkg('testkit') },
    },
    {
      name: 'R5-package-names-only',
      ...error,
      from: { path: '^(apps|benchmarks|examples)/' },
      to: { path: '^(packages|models)/', pathNot: '/dist/' },
    },
    {
      name: 'R5-no-way-into-another-package',
      ...error,
      from: { path: '^(packages/runtimes/[^/]+|packages/(?!runtimes/)[^/]+|models)/' },
      to: { path: '^(packages|models)/', pathNot: ['^$1/', '/dist/'] },
    },

    { name: 'R6-no-cycles', ...error, from: {}, to: { circular: true } },
    {
      name: 'R6-not-its-own-index',
      ...error,
      from: { path: '^(packages/runtimes/[^/]+|packages/(?!runtimes/)[^/]+|models)/src/' },
      to: { path: '^$1/(src/index\\.ts|dist/)' },
    },

    {
      name: 'R7-no-node-in-the-browser',
      ...error,
      // node.ts and what it alone uses stand behind the `node` condition
      from: {
        path: '^(packages/(web|effects|runtimes/(?!onnx-node/)[^/]+)|models)/src/',
        pathNot: '^packages/runtimes/[^/]+/src/node[^/]*\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'R7-only-core-fetches',
      ...error,
      from: { path: '/src/', pathNot: '^benchmarks/' },
      to: { path: '^(node:)?(http|http2|https|net|tls|undici)$|node_modules/undici/' },
    },
    {
      name: 'R7-pictures-in-node-only',
      ...error,
      from: { path: '/src/', pathNot: [source('node'), '^benchmarks/'] },
      to: { path: '(^|node_modules/)sharp(/|$)' },
    },

    {
      name: 'declared-dependencies-only',
      ...error,
      from: { path: '/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-dependency-in-src',
      ...error,
      from: { path: '/src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
    {
      name: 'nothing-unresolved',
      ...error,
      from: { pathNot: '^examples/' }, // they have installs of their own
      to: { couldNotResolve: true, pathNot: '^@seg/' },
    },
  ],
  options: {
    doNotFollow: { path: ['(^|/)node_modules/', '/dist/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};
