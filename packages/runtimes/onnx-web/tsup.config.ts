import { defineConfig } from 'tsup';
import { bundleWorker, library } from '../../../tsup.base.ts';

// node.ts apart, so that what a page loads does not name the vendor's entry for Node: a bundler would pack that one too.
// In the one-file worker the vendor loads its script from beside the wasm: its threads start from that, not from us.
const onSuccess = () => bundleWorker('onnxruntime-web', { conditions: ['onnxruntime-web-use-extern-wasm'] });

export default defineConfig(
  library(['src/node.ts', 'src/worker-module.ts'], { splitting: false, onSuccess }),
);
