// A worker whose runtime is testkit's fake one; told to, it ends itself, or fails with what cannot be posted.
import { SegmentError } from '@seg/core';
import { createFakeRuntime, type FakeRuntimeOptions } from '@seg/testkit';
import { createWebStages } from '../../src/cpu-stages.ts';
import { serveRuntime } from '../../src/worker-host.ts';

let isPoisoned = false;

serveRuntime(({ openMs = 0, ...options }: FakeRuntimeOptions & { readonly openMs?: number }) => {
  const runtime = createFakeRuntime(options);
  return {
    ...runtime,
    async open(model, more) {
      await new Promise((resolve) => setTimeout(resolve, openMs));
      const { session } = await runtime.open(model, more);
      const run: typeof session.run = async (...call) => {
        if (isPoisoned) throw new SegmentError('runtime', 'poisoned', { cause: () => {} });
        return session.run(...call);
      };
      return { session: { ...session, run }, stages: createWebStages(model) };
    },
  };
});

interface Order {
  readonly end?: 'close' | 'throw';
  readonly poison?: boolean;
}

globalThis.addEventListener('message', ({ data }: MessageEvent<Order>) => {
  if (data.end === 'close') globalThis.close();
  if (data.end === 'throw') throw new Error('thrown by the test');
  if (data.poison !== undefined) isPoisoned = data.poison;
});
