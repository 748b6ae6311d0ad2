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
