#!/usr/bin/env node
import { run } from './run.ts';

const interruption = new AbortController();
let signalNumber = 0;

function interrupt(name: NodeJS.Signals, number: number): void {
  process.on(name, () => {
    if (signalNumber > 0) process.exit(128 + number); // a second time: at once
    signalNumber = number;
    interruption.abort(new Error('interrupted'));
  });
}

interrupt('SIGINT', 2);
interrupt('SIGTERM', 15);

// `seg models list | head` closes the pipe: not an error of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

run(process.argv.slice(2), { signal: interruption.signal })
  .then((exitCode) => {
    process.exitCode = signalNumber > 0 ? 128 + signalNumber : exitCode;
    // work that cannot be stopped (sharp, an open stdin) shall not keep an interrupted command alive
    if (signalNumber > 0) setTimeout(() => process.exit(), 200).unref();
    if (signalNumber > 0) process.stdin.destroy();
  })
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
