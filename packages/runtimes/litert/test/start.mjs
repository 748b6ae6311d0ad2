// Run by start.test.ts in a process of its own: node start.mjs no-peer | import | missing FOLDER
import { registerHooks } from 'node:module';

const [, , what, argument] = process.argv;
let loaded = false;
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@litertjs/')) {
      loaded = true;
      if (what === 'no-peer') throw new Error("Cannot find package '@litertjs/core'");
    }
    return next(specifier, context);
  },
});
const { litert } = await import('@seg/litert');
const { loadTiny } = await import('@seg/testkit');

async function open(options) {
  const runtime = litert(options);
  try {
    await runtime.open(await loadTiny('rgb', runtime));
    return 'opened';
  } catch ({ code, message }) {
    return { code, message };
  }
}

const tries = {
  'no-peer': async () => ({ ...(await open()), probe: await litert().probe() }),
  import: async () => ({ loaded, factories: Object.keys(await import('@seg/litert')) }),
  missing: () => open({ wasmPaths: argument }),
  // what a server that renders pages loads: the browser's half, where there is no page
  server: async () => {
    const { litert } = await import(new URL('../dist/index.js', import.meta.url).href);
    const probe = await litert().probe();
    return { probe, dom: typeof document };
  },
  run: () => open(),
};
console.log(JSON.stringify(await tries[what]()));
