// Installs the packed packages in an empty folder, as a user would, and segments a photo there.
// node scripts/pack-test.mjs [pack | install | import | require | command | types VERSION]; without a part: all of them.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call as callAsUser, install, pack, packedDependencies, packFolder } from './packed.mjs';
import { root } from './workspace.mjs';

const WINDOWS = process.platform === 'win32';
const TYPESCRIPTS = { 5.7: '5.7.3', 5.9: '5.9.3', '6.0': '6.0.3' };
/** What our packages have as peers. */
const VENDORS = {
  'onnxruntime-node': '1.30.0',
  'onnxruntime-web': '1.30.0',
  '@litertjs/core': '2.5.3',
  ...Object.fromEntries(
    ['core', 'converter', 'backend-cpu', 'backend-wasm', 'backend-webgpu'].map((name) => [
      `@tensorflow/tfjs-${name}`,
      '4.22.0',
    ]),
  ),
};
const consumer = join(packFolder, 'consumer');

const parts = {
  pack,

  install() {
    mkdirSync(consumer, { recursive: true });
    copyFileSync(join(root, 'examples/sample.jpg'), join(consumer, 'sample.jpg'));
    const dependencies = packedDependencies();
    const typescripts = Object.entries(TYPESCRIPTS).map(([name, version]) => [
      `typescript-${name}`,
      `npm:typescript@${version}`,
    ]);
    write('package.json', {
      private: true,
      dependencies: { ...dependencies, ...VENDORS },
      devDependencies: { ...Object.fromEntries(typescripts), '@types/node': '^20' },
      overrides: Object.fromEntries(Object.keys(dependencies).map((name) => [name, `$${name}`])),
    });
    install(consumer);
  },

  import() {
    const names = Object.entries(IMPORTS).map(([from, what]) => `import ${what} from '${from}';\n`);
    write('segment.mjs', names.join('') + SEGMENT);
    call('node', ['segment.mjs']);
  },

  require() {
    const names = Object.entries(IMPORTS).map(([from, what]) => `const ${what} = require('${from}');\n`);
    write('segment.cjs', `${names.join('')}async function main() {\n${SEGMENT}}\nmain();\n`);
    call('node', ['segment.cjs']);
  },

  command() {
    rmSync(join(consumer, 'out'), { recursive: true, force: true });
    const wanted = ['--model', 'people', '--as', 'overlay', '--as', 'mask', '-o', 'out/', '--json'];
    const seg = join(consumer, 'node_modules/.bin', WINDOWS ? 'seg.cmd' : 'seg');
    const { photos } = JSON.parse(
      call(seg, ['segment', 'sample.jpg', ...wanted], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const missing = photos[0].outputs.filter(
      ({ path }) => !existsSync(join(consumer, path)) && !existsSync(path),
    );
    if (photos[0].outputs.length !== 2 || missing.length > 0)
      throw new Error(`missing: ${JSON.stringify(photos)}`);
  },

  types(version) {
    for (const [name, { types, code }] of Object.entries(CONSUMERS)) {
      for (const [moduleResolution, extensions] of Object.entries({
        node16: ['mts', 'cts'],
        bundler: ['ts'],
      })) {
        const files = extensions.map((extension) => `${name}.${extension}`);
        for (const file of files) write(file, code);
        const module = moduleResolution === 'bundler' ? 'preserve' : 'node16';
        const compilerOptions = {
          ...{ module, moduleResolution, target: 'ES2022', lib: ['ES2022', 'DOM'], types },
          ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
        };
        write('tsconfig.json', { compilerOptions, files });
        console.log(`TypeScript ${version}, ${moduleResolution}: ${files.join(', ')}`);
        call('node', [`node_modules/typescript-${version}/lib/tsc.js`]);
      }
    }
  },
};

const IMPORTS = {
  '@seg/core': '{ createSegmenter, readCoverage }',
  '@seg/onnx-node': '{ onnxNode }',
  '@seg/onnx-web': '{ onnxWeb }',
  '@seg/tflite-wasm': '{ tfliteWasm }',
  '@seg/litert': '{ litert }',
  '@seg/tfjs-webgpu': '{ tfjsWebgpu }',
  '@seg/models/people': 'people',
  '@seg/node': '{ readPhoto }',
};

const SEGMENT = `
for (const runtime of [tfliteWasm(), litert(), tfjsWebgpu({ accelerator: 'wasm' })]) {
  const probe = await runtime.probe();
  console.log(runtime.name, probe);
  // LiteRT's wasm wants a newer engine than Node 20's
  if (!probe.ok && !(runtime.name === 'litert' && process.versions.node.startsWith('20.'))) throw new Error(probe.reason);
}
const photo = await readPhoto('sample.jpg');
for (const runtime of [onnxNode(), onnxWeb()]) {
  const segmenter = await createSegmenter({ model: people, runtime });
  const segmentation = await segmenter.segment(photo.image);
  const coverage = await readCoverage(segmentation);
  console.log(process.version, runtime.name, coverage);
  if (!coverage.some(({ name, share }) => name !== 'background' && share > 0.01)) throw new Error('found nobody');
  segmentation.dispose();
  await segmenter.dispose();
}
`;

const CONSUMERS = {
  // A page, or anything else that has no types of Node.
  web: {
    types: [],
    code: `
import { createSegmenter, readCoverage, type ModelCard, type Runtime } from '@seg/core';
import people from '@seg/models/people';
import { litert } from '@seg/litert';
import { onnxWeb } from '@seg/onnx-web';
import { tfjsWebgpu } from '@seg/tfjs-webgpu';
import { tfliteWasm } from '@seg/tflite-wasm';
import { type BrowserImage, readImage } from '@seg/web';
import '@seg/core/adapter';
import '@seg/web/gpu';
import '@seg/web/worker-host';
export const runtime: Runtime<BrowserImage> = onnxWeb({ threads: 1, wasmPaths: '/ort/' });
export const others = [litert({ assets: '/seg/' }), tfjsWebgpu(), tfliteWasm({ mode: 'inline' })];
export const pixels = (file: File) => readImage(file);
export const card: ModelCard = people;
export async function shares(runtime: Runtime<ImageData>, image: ImageData) {
  const segmenter = await createSegmenter({ model: people, runtime });
  return readCoverage(await segmenter.segment(image));
}
`,
  },
  node: {
    types: ['node'],
    code: `
import { createSegmenter, readCoverage } from '@seg/core';
import { onnxNode } from '@seg/onnx-node';
import people from '@seg/models/people';
import { readPhoto } from '@seg/node';
import '@seg/cli';
import '@seg/models';
import '@seg/node/cache';
import '@seg/testkit';
export async function shares(file: string) {
  const segmenter = await createSegmenter({ model: people, runtime: onnxNode() });
  const photo = await readPhoto(file);
  return readCoverage(await segmenter.segment(photo.image));
}
`,
  },
};

/** Runs it in the consumer's folder. */
function call(command, args, options) {
  return callAsUser(command, args, { cwd: consumer, ...options });
}

function write(file, content) {
  writeFileSync(
    join(consumer, file),
    typeof content === 'string' ? content : JSON.stringify(content, null, 2),
  );
}

const [part, ...args] = process.argv.slice(2);
const work = part === undefined ? Object.keys(parts).flatMap(everyTypeScript) : [[part, ...args]];
try {
  for (const [name, ...rest] of work) parts[name](...rest);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function everyTypeScript(name) {
  return name === 'types' ? Object.keys(TYPESCRIPTS).map((version) => [name, version]) : [[name]];
}
