import { nodeProject } from '../../../tests/node-project.ts';

// gc(): the tests of memory must be able to collect it
export default nodeProject('litert', { execArgv: ['--expose-gc'] });
