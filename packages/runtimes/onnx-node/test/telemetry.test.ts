import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SCRIPT = `
  import { createSegmenter } from '@seg/core';
  import people from '@seg/models/people';
  import { onnxNode } from '@seg/onnx-node';
  const segmenter = await createSegmenter({ model: people, runtime: onnxNode({ mode: process.argv[1] }) });
  await segmenter.segment({ format: 'rgb8', width: 1, height: 1, data: new Uint8Array(3) });
  await segmenter.dispose();
`;

describe.each(['inline', 'worker'])('%s', (mode) => {
  it('leaves no identifier in the home folder: the vendor reports to nobody', () => {
    const home = mkdtempSync(join(tmpdir(), 'seg-home-'));
    const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
    execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT, mode], {
      cwd: join(import.meta.dirname, '..'),
      env: { ...env, HOME: home, XDG_CACHE_HOME: join(home, '.cache') },
    });
    const found = existsSync(join(home, '.cache')) ? readdirSync(join(home, '.cache')) : [];
    rmSync(home, { recursive: true });
    expect(found).toEqual([]);
  });
});
