import { budget } from '../../../scripts/size-budget.mjs';

export default budget('6.2 kB');
