import type { Probe } from '@seg/core';
import { createRuntime, RUNTIME_NAMES, type RuntimeSettings } from '../runtimes.ts';

/** Whether a runtime works here, and what it can compute on. */
export interface RuntimeReport {
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string | null;
  readonly providers: readonly string[];
}

/** ONNX Runtime's execution providers that its builds have had (onnxruntime.ai/docs/execution-providers). */
const PROVIDERS = [
  'cpu',
  'wasm',
  'cuda',
  'tensorrt',
  'rocm',
  'migraphx',
  'coreml',
  'dml',
  'webgpu',
  'openvino',
  'qnn',
  'xnnpack',
];

export async function probeRuntimes(signal: AbortSignal): Promise<RuntimeReport[]> {
  const reports: RuntimeReport[] = [];
  for (const name of RUNTIME_NAMES) {
    const probe = await probeRuntime(name, {}, signal);
    const providers = probe.ok ? await offeredProviders(name, signal) : [];
    reports.push({ name, ok: probe.ok, reason: probe.ok ? null : probe.reason, providers });
  }
  return reports;
}

/** Those that the installed build contains; whether there is a device for one shows when it opens a model. */
async function offeredProviders(name: string, signal: AbortSignal): Promise<string[]> {
  const offered: string[] = [];
  for (const provider of PROVIDERS) {
    if ((await probeRuntime(name, { providers: [provider] }, signal)).ok) offered.push(provider);
  }
  return offered;
}

/** A runtime whose package is not installed, or that has no providers, says so like any other reason. */
async function probeRuntime(name: string, settings: RuntimeSettings, signal: AbortSignal): Promise<Probe> {
  try {
    return await (await createRuntime(name, settings)).probe({ signal });
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
