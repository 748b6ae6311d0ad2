import { isSegmentError, SegmentError } from '@seg/core';
import type { OnnxDescription } from '@seg/onnx-node';

/** What an ONNX file takes and gives. The error names the file. @throws SegmentError as `inspectOnnx` */
export async function inspectFile(path: string, bytes: Uint8Array): Promise<OnnxDescription> {
  const { inspectOnnx } = await import('@seg/onnx-node');
  try {
    return await inspectOnnx(bytes);
  } catch (cause) {
    if (!isSegmentError(cause)) throw cause;
    throw new SegmentError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
