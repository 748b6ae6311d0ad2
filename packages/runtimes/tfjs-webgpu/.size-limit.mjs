import { budget } from '../../../scripts/size-budget.mjs';

export default budget('5.5 kB');
