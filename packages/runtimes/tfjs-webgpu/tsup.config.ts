import { defineConfig } from 'tsup';
import { bundleWorker, library } from '../../../tsup.base.ts';

// Of the packages inside the worker it is the wasm back end's that has files beside it.
const onSuccess = () => bundleWorker('@tensorflow/tfjs-backend-wasm');

// node.ts apart, as in the other adapters: what a page loads does not name anything of Node.
export default defineConfig(
  library(['src/node.ts', 'src/worker-module.ts'], { splitting: false, onSuccess }),
);
