export type { FileValue as OnnxValue } from '@seg/core/adapter';
export { inspectOnnx, type OnnxDescription } from './inspect.ts';
export { type OnnxNodeOptions, onnxNode } from './runtime.ts';
export { type OnnxSessionOptions, onnxRuntimeInfo } from './vendor.ts';
