export { inspectOnnx, type OnnxDescription } from './inspect.ts';
export { type OnnxNodeOptions, onnxNode } from './runtime.ts';
export { type OnnxSessionOptions, type OnnxValue, onnxRuntimeInfo } from './vendor.ts';
