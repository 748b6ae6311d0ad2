import { budget } from '../../scripts/size-budget.mjs';

// the tiny models of three formats are in the code, so that the suite runs where no file can be read
export default budget('21 kB');
