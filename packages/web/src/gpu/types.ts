/**
 * A WebGPU type where the consumer's TypeScript knows WebGPU (TypeScript 6's `lib: DOM`, or @webgpu/types), elsewhere
 * `unknown`: so that these declarations check without it.
 */
type Known<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : unknown;

/** `GPUDevice`, or `unknown` to a TypeScript that does not know WebGPU. */
export type GpuDevice = Known<'GPUDevice'>;
/** `GPUBuffer`, or `unknown` to a TypeScript that does not know WebGPU. */
export type GpuBuffer = Known<'GPUBuffer'>;
/** `GPUSupportedLimits`, or `unknown` to a TypeScript that does not know WebGPU. */
export type GpuLimits = Known<'GPUSupportedLimits'>;

/**
 * Usage flags, as numbers: the globals that name them stand only where a browser has WebGPU, and in no Node.
 * Source: WebGPU, sections 5.1 (GPUBufferUsage), 6.1 (GPUTextureUsage), 5.5 (GPUMapMode).
 */
export const USAGE = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  storage: 0x80,
  textureCopyTarget: 0x2,
  textureBinding: 0x4,
  renderTarget: 0x10,
} as const;

export const MAP_READ = 0x1;
