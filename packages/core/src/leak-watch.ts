/** Notices owned objects that were forgotten, frees what they held, and says so once. */
export interface LeakWatch {
  /** When `owner` is collected without `unwatch(token)`, `free` runs. It must not hold `owner`. */
  watch(owner: object, token: object, free: () => void): void;
  unwatch(token: object): void;
}

export function createLeakWatch(noun: string): LeakWatch {
  let warned = false;
  const registry = new FinalizationRegistry<() => void>((free) => {
    free();
    if (warned) return;
    warned = true;
    // biome-ignore lint/suspicious/noConsole: nobody is left who could be handed an error
    console.warn(`Seg: a ${noun} was forgotten without dispose(). Said once.`);
  });
  return {
    watch: (owner, token, free) => registry.register(owner, free, token),
    unwatch: (token) => {
      registry.unregister(token);
    },
  };
}
