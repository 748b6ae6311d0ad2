import type { FileValue } from '@seg/core/adapter';
import { createOnnxSession } from './vendor.ts';

/** What a file takes and gives. */
export interface OnnxDescription {
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/**
 * Reads the inputs and outputs of an ONNX file: names, element types, shapes. Borrows `bytes`; blocks the thread for as
 * long as the vendor parses.
 *
 * @throws SegmentError `invalid-input` (no ONNX model), `unsupported` (operators, missing peer), `runtime`
 */
export async function inspectOnnx(bytes: Uint8Array): Promise<OnnxDescription> {
  // names and shapes do not depend on optimising, which takes most of the time
  const session = await createOnnxSession(bytes, { graphOptimizationLevel: 'disabled', logSeverityLevel: 4 });
  const { inputs, outputs } = session;
  await session.release();
  return { inputs, outputs };
}
