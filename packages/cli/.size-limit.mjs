import { budget } from '../../scripts/size-budget.mjs';

export default budget('26 kB', 'dist/bin.js');
