import { onnxWeb } from '@seg/onnx-web';
import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';

for (const mode of ['inline', 'worker'] as const) {
  runConformance(
    {
      name: `onnx-web on WebGPU in Chromium, ${mode}`,
      runtime: () => onnxWeb({ accelerator: 'webgpu', mode }),
      skipModels: {
        uint8: 'onnxruntime-web on WebGPU does not quantise',
        int8: 'onnxruntime-web on WebGPU takes no int8',
        index: 'x',
      },
    },
    { describe, it },
  );
}
