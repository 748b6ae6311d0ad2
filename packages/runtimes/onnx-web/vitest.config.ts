import { nodeProject } from '../../../tests/node-project.ts';

// test/soak.test.ts collects garbage before it measures
export default nodeProject('onnx-web', { execArgv: ['--expose-gc'] });
