/** What went wrong, as a stable word that programs may switch on. */
export type SegmentErrorCode =
  | 'unsupported' // this runtime, device or recipe cannot do what was asked
  | 'fetch' // a download failed (status, network, wrong content)
  | 'io' // a file could not be read or written
  | 'integrity' // bytes differ from the size or sha256 that the card states
  | 'invalid-card' // a model card breaks its schema; `detail.path` names the field
  | 'invalid-input' // an argument is wrong; the message says what was expected
  | 'runtime' // the vendor's runtime failed
  | 'device-lost' // the GPU went away; make a new segmenter
  | 'disposed'; // used after dispose()

/** The parts of an error's message, for programs that word their own. */
export interface SegmentErrorDetail {
  /** What would have been right. */
  readonly expected?: string;
  /** What came instead. */
  readonly received?: string;
  /** What the caller can do about it. */
  readonly hint?: string;
  /** Where in a card or document, as a JSON path such as `$.variants[0].input.size`. */
  readonly path?: string;
}

const BRAND = Symbol.for('@seg/core/SegmentError');

/**
 * The one error class of the SDK. `message` is complete for a person: what happened, what was expected, what came,
 * what to do. Use {@link isSegmentError} to recognise it, also across two copies of this package.
 */
export class SegmentError extends Error {
  readonly code: SegmentErrorCode;
  readonly detail: SegmentErrorDetail;

  constructor(
    code: SegmentErrorCode,
    message: string,
    options: SegmentErrorDetail & { readonly cause?: unknown } = {},
  ) {
    const { cause, ...detail } = options;
    super(sentence(message, detail), cause === undefined ? undefined : { cause });
    this.name = 'SegmentError';
    this.code = code;
    this.detail = detail;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** True for a SegmentError of this or of any other copy of the package. */
export function isSegmentError(error: unknown): error is SegmentError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

function sentence(message: string, { expected, received, hint, path }: SegmentErrorDetail): string {
  let text = path === undefined ? message : `${path}: ${message}`;
  if (expected !== undefined) text += `: expected ${expected}`;
  if (received !== undefined) text += `${expected === undefined ? ':' : ','} received ${received}`;
  return hint === undefined ? text : `${text}. ${hint}`;
}
