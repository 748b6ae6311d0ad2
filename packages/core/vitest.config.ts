import { nodeProject } from '../../tests/node-project.ts';

// gc(): the tests of what is forgotten must be able to collect it
export default nodeProject('core', { execArgv: ['--expose-gc'], testTimeout: 60_000 });
