import { budget } from '../scripts/size-budget.mjs';

export default budget('12 kB');
