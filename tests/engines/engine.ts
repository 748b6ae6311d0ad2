/** A browser that was started, with one page. */
export interface Engine {
  /** Its name and version. */
  readonly name: string;
  /** Loads an address; what the page held before is gone. */
  open(url: string): Promise<void>;
  /** The value of an expression in the page, awaited and copied as JSON. Rejects where it throws, or the browser is gone. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** An engine that can be started here, or the reason why not. */
export type Found = { readonly start: () => Promise<Engine> } | { readonly reason: string };
