// The thread behind `mode: 'worker'`: an engine, driven by messages one at a time.
import { parentPort } from 'node:worker_threads';
import { packError } from '@seg/core/adapter';
import { type Engine, openEngine } from './engine.ts';
import { enterGate, leaveGate, movable, type WorkerReply, type WorkerRequest } from './worker-protocol.ts';

let engine: Engine | null = null;
let gate: Int32Array | null = null;

async function answer(message: WorkerRequest): Promise<WorkerReply> {
  if (message.kind === 'open') {
    engine = await openEngine(message.request);
    return { accelerator: engine.accelerator };
  }
  if (message.kind === 'release') {
    await engine?.release();
    return {};
  }
  const output = await engine?.run(message.data);
  return output === undefined ? {} : { output, spare: message.data };
}

function post(reply: WorkerReply): void {
  try {
    parentPort?.postMessage(reply, [...movable(reply.output?.data), ...movable(reply.spare)]);
  } catch {
    // a binding that hands out memory of its own makes buffers that cannot be moved: copy
    parentPort?.postMessage(reply);
  }
}

async function serve(message: WorkerRequest): Promise<void> {
  if (message.kind === 'open') gate = message.gate;
  if (gate === null || !enterGate(gate)) return;
  try {
    post(await answer(message).catch((error: unknown) => ({ error: packError(error) })));
  } finally {
    leaveGate(gate);
  }
}

let last = Promise.resolve();
parentPort?.on('message', (message: WorkerRequest) => {
  last = last.then(() => serve(message));
});
