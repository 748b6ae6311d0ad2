// Run by start.test.ts in a process of its own: node start.mjs run ACCELERATOR | no-peer PEER | import | paths FOLDER
import { registerHooks } from 'node:module';

const [, , what, argument] = process.argv;
const loaded = [];
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@tensorflow/')) {
      loaded.push(specifier);
      if (what === 'no-peer' && specifier === argument) throw new Error(`Cannot find package '${specifier}'`);
    }
    return next(specifier, context);
  },
});
const { tfjsWebgpu } = await import('../src/node.ts');
const { loadTiny } = await import('@seg/testkit');
const { createCpuTensor } = await import('@seg/core');

async function open(options) {
  try {
    return (await tfjsWebgpu(options).open(await loadTiny('rgb', { format: 'tfjs' }))).session;
  } catch ({ code, message }) {
    return { code, message };
  }
}

async function run(accelerator) {
  const session = await open({ accelerator });
  const values = Float32Array.from({ length: 768 }, (_, i) => Math.sin(i));
  const output = await session.run(createCpuTensor('float32', [1, 16, 16, 3], values));
  return { loaded, output: [...(await output.read())].map((value) => value.toFixed(4)) };
}

const tries = {
  run: () => run(argument),
  'no-peer': async () => ({
    probe: await tfjsWebgpu({ accelerator: 'wasm' }).probe(),
    open: await open({ accelerator: 'wasm' }),
  }),
  import: async () => ({ loaded }),
  paths: () => open({ accelerator: 'wasm', wasmPaths: argument }),
};
console.log(JSON.stringify(await tries[what]()));
