// Run by start.test.ts in a process of its own: node start.mjs run THREADS | no-peer | import | paths FOLDER
import { registerHooks } from 'node:module';

const [, , what, argument] = process.argv;
let loaded = false;
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('onnxruntime-web')) {
      loaded = true;
      if (what === 'no-peer') throw new Error("Cannot find package 'onnxruntime-web'");
    }
    return next(specifier, context);
  },
});
const { onnxWeb } = await import('../src/node.ts');
const { loadTiny } = await import('@seg/testkit');
const { createCpuTensor } = await import('@seg/core');

async function open(options) {
  try {
    return (await onnxWeb(options).open(await loadTiny('rgb'))).session;
  } catch ({ code, message }) {
    return { code, message };
  }
}

async function run(threads) {
  const session = await open({ threads });
  const values = Float32Array.from({ length: 768 }, (_, i) => Math.sin(i));
  const output = await session.run(createCpuTensor('float32', [1, 3, 16, 16], values));
  const { env } = await import('onnxruntime-web');
  return {
    threads: env.wasm.numThreads,
    output: [...(await output.read())].map((value) => value.toFixed(4)),
  };
}

const tries = {
  run: () => run(Number(argument)),
  'no-peer': async () => ({ probe: await onnxWeb().probe(), open: await open() }),
  import: async () => ({ loaded }),
  paths: () => open({ threads: 1, wasmPaths: argument }),
};
console.log(JSON.stringify(await tries[what]()));
