// A thread of the vendor in Node: gives its script what it finds in a browser's worker. It speaks up by itself.
import { parentPort, workerData } from 'node:worker_threads';

const self = { onmessage: (_event: { readonly data: unknown }) => {} };
const postMessage = (message: unknown) => parentPort?.postMessage(message);
Object.assign(globalThis, { name: workerData.name, self, postMessage });

void import(workerData.script).then(() => {
  parentPort?.on('message', (data: unknown) => self.onmessage({ data }));
});
