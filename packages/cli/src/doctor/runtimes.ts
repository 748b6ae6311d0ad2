import { createRuntime, RUNTIME_NAMES } from '../runtimes.ts';

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
    const probe = await (await createRuntime(name)).probe({ signal });
    const providers = probe.ok ? await offeredProviders(name, signal) : [];
    reports.push({ name, ok: probe.ok, reason: probe.ok ? null : probe.reason, providers });
  }
  return reports;
}

/** Those that the installed build contains; whether there is a device for one shows when it opens a model. */
async function offeredProviders(name: string, signal: AbortSignal): Promise<string[]> {
  const offered: string[] = [];
  for (const provider of PROVIDERS) {
    const runtime = await createRuntime(name, { providers: [provider] });
    if ((await runtime.probe({ signal })).ok) offered.push(provider);
  }
  return offered;
}
