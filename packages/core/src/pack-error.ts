import { isSegmentError, SegmentError, type SegmentErrorCode } from './errors.ts';

/** A SegmentError as plain data: structured cloning leaves class and code behind. */
export interface PackedError {
  readonly code: SegmentErrorCode;
  readonly message: string;
  readonly detail: SegmentError['detail'];
  readonly cause: unknown;
}

/** For errors that cross threads. What is no SegmentError becomes one with the code `runtime`. */
export function packError(error: unknown): PackedError {
  if (!isSegmentError(error)) return { code: 'runtime', message: String(error), detail: {}, cause: error };
  return { code: error.code, message: error.message, detail: error.detail, cause: error.cause };
}

/** The error that {@link packError} was given. */
export function unpackError({ code, message, detail, cause }: PackedError): SegmentError {
  // the message is complete: it already holds the detail
  return Object.assign(new SegmentError(code, message, { cause }), { detail });
}
