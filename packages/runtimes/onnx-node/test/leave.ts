// Run by worker.test.ts in a process of its own: opens a worker and leaves in the way that it is told.
import { openTiny, someInput } from './helpers.ts';

const [how = '', delayMs = '0'] = (process.argv[2] ?? '').split(' ');
const { session } = await openTiny(how === 'idle' ? 'rgb' : 'slow');
if (how === 'idle') {
  await session.run(someInput());
  console.log('idle');
} else {
  session.run(someInput()).then(
    () => console.log('done'),
    () => console.log('rejected'),
  );
  if (how === 'exit') setTimeout(() => process.exit(7), Number(delayMs));
}
