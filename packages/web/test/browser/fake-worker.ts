// A worker whose runtime is testkit's fake one; told to, it ends itself in different ways.
import { createFakeRuntime, type FakeRuntimeOptions } from '@seg/testkit';
import { createWebStages } from '../../src/cpu-stages.ts';
import { serveRuntime } from '../../src/worker-host.ts';

serveRuntime((options: FakeRuntimeOptions) => {
  const runtime = createFakeRuntime(options);
  return {
    ...runtime,
    async open(model, more) {
      const { session } = await runtime.open(model, more);
      return { session, stages: createWebStages(model) };
    },
  };
});

globalThis.addEventListener('message', ({ data }: MessageEvent<{ readonly end?: 'close' | 'throw' }>) => {
  if (data.end === 'close') globalThis.close();
  if (data.end === 'throw') throw new Error('thrown by the test');
});
