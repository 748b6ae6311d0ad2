/**
 * Something with a lifetime. Whoever receives one owns it and disposes it once; a second call does nothing.
 * Where the engine has `Symbol.dispose` the object also answers to it.
 */
export interface Owned {
  dispose(): void;
}

/** Like {@link Owned}; the promise resolves when everything has been given back. */
export interface OwnedAsync {
  dispose(): Promise<void>;
}

/** Options of everything that can be cancelled. An abort rejects with `signal.reason`. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * `work`, or a rejection with `signal.reason` as soon as the signal aborts: for work that cannot be stopped itself, whose
 * late result is then dropped.
 */
export function abortable<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).then(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * Attaches `Symbol.dispose` (or `Symbol.asyncDispose`) where the engine has it, so that `using` works, and returns the
 * same object. The typing stays out of the declarations: they must check under `lib: ES2022`.
 */
export function withDisposeSymbol<T extends Owned | OwnedAsync>(
  object: T,
  kind: 'dispose' | 'asyncDispose',
): T {
  const symbol: unknown = Reflect.get(Symbol, kind);
  if (typeof symbol === 'symbol') {
    Object.defineProperty(object, symbol, { value: () => object.dispose(), configurable: true });
  }
  return object;
}
