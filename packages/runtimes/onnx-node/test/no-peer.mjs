// Run by open.test.ts in a process of its own, where onnxruntime-node cannot be found or has no binary.
import { registerHooks } from 'node:module';

const message =
  process.argv[2] === 'binary'
    ? "Cannot find module '../bin/napi-v6/sunos/x64/onnxruntime_binding.node'"
    : "Cannot find package 'onnxruntime-node' imported from vendor.ts";
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'onnxruntime-node')
      throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(specifier, context);
  },
});
const { onnxNode } = await import('../src/index.ts');
const { loadTiny } = await import('@seg/testkit');
const runtime = onnxNode({ mode: 'inline' });
const opening = runtime.open(await loadTiny('rgb')).then(
  () => 'opened',
  ({ code }) => code,
);
console.log(JSON.stringify({ probe: await runtime.probe(), open: await opening }));
