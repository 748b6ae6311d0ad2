import { describe, expect, test } from 'vitest';
import { seg, segBin, segJson } from './helpers.ts';

const SUBCOMMANDS = [
  ['segment'],
  ['models'],
  ['models', 'list'],
  ['models', 'show'],
  ['models', 'pull'],
  ['models', 'verify'],
  ['models', 'where'],
  ['models', 'licenses'],
  ['card'],
  ['labels'],
  ['doctor'],
];

describe('the built command', () => {
  test('prints its version and exits 0', async () => {
    const { code, stdout, stderr } = await segBin(['--version']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('exits 2 for an unknown option and suggests the near one, without a stack trace', async () => {
    const { code, stdout, stderr } = await segBin(['segment', 'a.jpg', '--forse']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("unknown option '--forse'");
    expect(stderr).toContain('Did you mean --force?');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('exits 1 for a photo that is not there, with nothing but JSON on stdout', async () => {
    const { code, stdout, stderr } = await segBin(['segment', 'nope.jpg', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ photos: [], errors: [{ input: 'nope.jpg', code: 'io' }] });
    expect(stderr).toContain('nope.jpg: no such file');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('shows where an error comes from with SEG_DEBUG=1', async () => {
    const { code, stderr } = await segBin(['labels', 'nope'], { env: { SEG_DEBUG: '1' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/\n\s+at /);
  });

  test('uses no colours where there is no terminal', async () => {
    const { stdout, stderr } = await segBin(['models', 'list', '--for', 'hair'], {
      env: { FORCE_COLOR: '' },
    });
    expect(stdout + stderr).not.toContain('\u001b');
  });
});

test.each(SUBCOMMANDS)('seg %s %s --help shows examples', async (...words) => {
  const { code, stdout } = await seg([...words.filter((word) => word !== undefined), '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('Examples:');
});

test('seg alone shows its help and exits 2', async () => {
  const { code, stdout, stderr } = await seg([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Commands:');
});

test('an unknown subcommand suggests the near one', async () => {
  const { code, stderr } = await seg(['segmnt']);
  expect(code).toBe(2);
  expect(stderr).toContain('Did you mean segment?');
});

test.each([
  [['segment', 'a.jpg', '--as', 'overlai'], 'Did you mean overlay?'],
  [['segment', 'a.jpg', '--model', 'peeple'], 'Did you mean people?'],
  [['segment', 'a.jpg', '--model', '../../evil'], 'there is no model "../../evil"'],
  [['segment', 'a.jpg', '--runtime', 'onnx-nod'], 'Did you mean onnx-node?'],
  [['segment', 'a.jpg', '--variant', 'onnx-float23'], 'Did you mean onnx-float32?'],
  [['segment', 'a.jpg', '--select', 'hiar'], 'Did you mean hair?'],
  [['segment', 'a.jpg', '--threads', 'many'], 'a whole number from 1'],
  [['segment', 'a.jpg', '--recipe', 'people'], '--recipe says how a model file is fed'],
  [['models', 'list', '--for', 'hairs'], 'Did you mean hair?'],
  [['models', 'pull', 'peple'], 'Did you mean people?'],
  [['models', 'pull', 'people', '--variant', 'nope'], 'has no variant "nope"'],
  [['labels', 'deeplabv3-275'], 'Did you mean deeplabv3-257'],
])('%j is wrong usage', async (argv, message) => {
  const { code, stdout, stderr } = await seg(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('wrong usage with --json is one JSON object too', async () => {
  const { code, json } = await segJson(['segment', 'a.jpg', '--model', 'peeple']);
  expect(code).toBe(2);
  expect(json).toEqual({
    errors: [{ input: null, code: 'usage', message: 'there is no model "peeple". Did you mean people?' }],
  });
  expect(await segJson(['segment', '--forse'])).toMatchObject({
    code: 2,
    json: { errors: [{ input: null, code: 'usage' }] },
  });
});

test('an abort before anything began exits 130', async () => {
  const { code, stderr } = await seg(['models', 'verify'], { signal: AbortSignal.abort() });
  expect([code, stderr]).toEqual([0, '']); // an empty cache has nothing to check
  const stopped = await seg(['labels', 'nope.card.json'], { signal: AbortSignal.abort() });
  expect(stopped).toMatchObject({ code: 130, stderr: 'error: interrupted\n' });
});
