export { whileAlive } from './gpu/device-state.ts';
export type { GpuAdapterOptions } from './gpu/find-adapter.ts';
export { type GpuLease, type LeaseOptions, leaseDevice, leaseVendorDevice } from './gpu/lease.ts';
export type { RequiredLimits } from './gpu/limits.ts';
export { countReadbacks, type Readbacks } from './gpu/readback.ts';
export { createGpuStages, type GpuStagesOptions, stageLimits } from './gpu/stages.ts';
export { createGpuTensor, type GpuTensor, type GpuTensorOptions, isGpuTensor } from './gpu/tensor.ts';
export type { GpuBuffer, GpuDevice, GpuLimits } from './gpu/types.ts';
