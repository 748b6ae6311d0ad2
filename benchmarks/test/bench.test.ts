import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function bench(...args: readonly string[]): string {
  return execFileSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

describe('bench', () => {
  it('prints one object: stages, total and the bare session beside it', { timeout: 60_000 }, () => {
    const { cells } = JSON.parse(bench('--model', 'people', '--threads', '1', '--quick', '--json'));
    expect(cells).toHaveLength(1);
    const [cell] = cells;
    expect(cell).toMatchObject({
      model: 'people',
      variant: 'onnx-float32',
      runtime: 'onnx-node',
      accelerator: 'cpu',
      threads: 1,
      photo: { width: 192, height: 192 },
    });
    expect(cell.runs).toBeGreaterThanOrEqual(30);
    for (const time of [...Object.values(cell.stages), cell.total, cell.bare])
      expect(time).toBeGreaterThan(0);
    expect(cell.ratio).toBeCloseTo(cell.total / cell.bare, 9);
  });

  it('measures onnx-web beside onnxruntime-web', { timeout: 60_000 }, () => {
    const { cells } = JSON.parse(bench('--runtime', 'onnx-web', '--quick', '--json'));
    expect(cells).toMatchObject([{ runtime: 'onnx-web', accelerator: 'wasm', threads: 1 }]);
    expect(cells[0].bare).toBeGreaterThan(0);
  });

  it('memory does not grow from the 100th to the 1,000th segmentation', { timeout: 120_000 }, () => {
    const { growth, after100 } = JSON.parse(bench('--memory', '--json'));
    expect(after100).toBeGreaterThan(50);
    expect(growth).toBeLessThan(0.1);
  });

  it('says what is wrong in a line, without a stack', () => {
    for (const [args, message] of [
      [['--model', 'peple'], 'there is no model "peple"'],
      [['--runtime', 'x'], 'there is no runtime "x"'],
      [['--size', '10'], 'Give a size such as 1920x1080.'],
    ] as const) {
      expect(() => execFileSync(process.execPath, [main, ...args], { stdio: 'pipe' })).toThrow(message);
    }
  });
});
