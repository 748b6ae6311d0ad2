import { nodeProject } from '../../tests/node-project.ts';

export default nodeProject('cli');
