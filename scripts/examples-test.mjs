// Installs the packed packages in a copy of each example, builds it, and looks at its page in Chromium; at one of them also
// in Firefox and WebKitGTK, where they are installed.
// node scripts/examples-test.mjs [--packed] [NAME ...]; without names: all of them. --packed: the pack test has packed
// them already. Ends with 77 where there is no browser.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright';
import { findChromium } from './find-browser.mjs';
import { call, install, pack, packedDependencies, packFolder, userEnvironment } from './packed.mjs';
import { serve, start } from './serve-site.mjs';
import { devNode, root } from './workspace.mjs';

const SKIPPED = 77;
const examples = join(root, 'examples');
const engines = join(root, 'tests/engines/look.ts');
const screenshots = join(root, '.cache/examples');

/**
 * The pages of each example: the script that builds it, and the folder that is then served, or the script that serves.
 * A page that is `rendered` has its words before any script runs. `develops`: its server has a socket to the page, so that
 * nothing can stand between them. `elsewhere`: other browsers look at it too.
 */
const PAGES = {
  vite: [
    { title: 'built', build: ['build'], folder: 'dist' },
    { title: 'built for /app/', build: ['build', '--', '--base=/app/'], folder: 'dist', base: '/app/' },
    { title: 'development', start: (port) => ['dev', '--', '--strictPort', '--port', port], develops: true },
  ],
  webpack: [{ title: 'built', build: ['build'], folder: 'dist' }],
  esbuild: [{ title: 'built', build: ['build'], folder: 'dist' }],
  next: [
    {
      title: 'Turbopack',
      build: ['build'],
      start: (port) => ['start', '--', '--port', port],
      rendered: true,
    },
    { title: 'webpack', build: ['build:webpack'], start: (port) => ['start', '--', '--port', port] },
  ],
  html: [{ title: 'as it is', build: ['assets'], folder: '.', elsewhere: true }],
};

/** A copy of the example with the packed packages in place of the published ones. */
function setUp(name) {
  const copy = join(packFolder, 'examples', name);
  rmSync(copy, { recursive: true, force: true });
  const built = /\/(node_modules|dist|seg|\.next)$/;
  cpSync(join(examples, name), copy, { recursive: true, filter: (path) => !built.test(path) });
  const file = join(copy, 'package.json');
  const json = JSON.parse(readFileSync(file, 'utf8'));
  const packed = packedDependencies();
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const dependency of Object.keys(json[kind]))
      json[kind][dependency] = packed[dependency] ?? json[kind][dependency];
  }
  writeFileSync(file, JSON.stringify({ ...json, overrides: packed }, null, 2));
  install(copy);
  return copy;
}

async function testPage(browser, name, copy, page, expected) {
  const options = { cwd: copy, env: { NEXT_TELEMETRY_DISABLED: '1' } };
  if (page.build) call('npm', ['run', '--silent', ...page.build], options);
  const env = { ...userEnvironment('npm'), ...options.env };
  const program =
    page.start &&
    (await start('npm', (port) => ['run', '--silent', ...page.start(port)], {
      cwd: copy,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    }));
  const place = program ? { from: program.url } : { folder: join(copy, page.folder), base: page.base };
  try {
    if (page.rendered) await requireRendered(program.url);
    if (page.develops) return [await look(browser, program.url, expected)];
    const found = [];
    for (const isolated of [false, true]) {
      const site = await serve({ ...place, isolated });
      const slug = `${name}-${page.title}`.replaceAll(/\W+/g, '-').replace(/-$/, '');
      const picture = found.length === 0 ? join(screenshots, slug) : null;
      try {
        found.push(await look(browser, site.url, expected, { isolated, picture }));
        // with eight cores that are not there, these engines' threads once took longer than the wait
        if (page.elsewhere && !isolated) found.push(...(await lookElsewhere(site.url, expected, isolated)));
      } finally {
        site.close();
      }
    }
    return found;
  } finally {
    program?.close();
  }
}

/** Before any script runs. */
async function requireRendered(url) {
  const html = await (await fetch(url)).text();
  for (const part of ['<h1>Find the person</h1>', 'role="status"', '<img']) {
    if (!html.includes(part)) throw new Error(`the server's page has no ${part}`);
  }
}

/** Opens the page and waits for its words; throws unless they and the drawn mask are right, and nothing complained. */
async function look(browser, url, expected, { isolated = false, picture = null } = {}) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const wrong = watch(page, url);
    await page.goto(url);
    await page
      .waitForFunction(() => !document.querySelector('[role=status]').textContent.startsWith('Loading'))
      .catch(() => wrong.push('nothing happens'));
    const line = judge(await page.evaluate(readPage), url, expected, isolated, wrong);
    if (picture !== null) await takePictures(page, picture);
    return line;
  } finally {
    await context.close();
  }
}

/** The same in the browsers that Playwright does not drive: a line each, or why it is not here. */
async function lookElsewhere(url, expected, isolated) {
  const expression = `(${waitForWords})().then(${readPage})`;
  const { stdout } = await promisify(execFile)(devNode, [engines, expression, url], { maxBuffer: 1e8 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ title, reason, name, value }) =>
      reason === undefined
        ? `${name}: ${judge(value, `${title}, ${url}`, expected, isolated)}`
        : `${title} skipped: ${reason}`,
    );
}

/** What the page came to, in words; throws unless its own words and the drawn mask are right, and nothing was wrong before. */
function judge({ said, isIsolated, drawn }, where, expected, isolated, before = []) {
  const wrong = [...before];
  if (!/^The person covers [\d.]+ % of the photo \(onnx-web, wasm\)\.$/.test(said)) wrong.push(said);
  if (isIsolated !== isolated) wrong.push('crossOriginIsolated');
  const agreement = agreementOf(drawn, expected);
  if (!(agreement >= 0.999)) wrong.push(`${agreement} of the pixels as with onnx-node`);
  if (wrong.length > 0) throw new Error(`${where}${isolated ? ', isolated' : ''}: ${wrong.join('\n')}`);
  return `${said}${isolated ? ' Isolated.' : ''} As onnx-node: ${(100 * agreement).toFixed(3)} %`;
}

/** Complaints of the page as they come, and requests that leave this machine. */
function watch(page, url) {
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(`console: ${message.text()}`));
  page.on('pageerror', ({ message }) => wrong.push(`uncaught: ${message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && hostname !== new URL(url).hostname) {
      wrong.push(`asked ${request.url()}`);
    }
  });
  return wrong;
}

/** In the page: until its words change, 30 s at most. */
async function waitForWords() {
  const end = Date.now() + 30_000;
  while (document.querySelector('[role=status]').textContent.startsWith('Loading') && Date.now() < end)
    await new Promise((done) => setTimeout(done, 100));
}

/** In the page: its words, and where the canvas is coloured. */
function readPage() {
  const canvas = document.querySelector('canvas');
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  return {
    said: document.querySelector('[role=status]').textContent,
    isIsolated: crossOriginIsolated,
    drawn: Array.from({ length: width * height }, (_, i) => (pixels[4 * i + 3] > 0 ? 1 : 0)).join(''),
  };
}

function agreementOf(drawn, expected) {
  if (drawn.length !== expected.length) return 0;
  return expected.reduce((sum, value, i) => sum + (Number(drawn[i]) === value ? 1 : 0), 0) / expected.length;
}

async function takePictures(page, path) {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${path}-${width}.png`, fullPage: true });
  }
}

/** What onnx-node says of the same photo: 1 where the person is. */
async function askOnnxNode() {
  const load = createRequire(join(root, 'benchmarks/package.json'));
  const { createSegmenter, readMask } = load('@seg/core');
  const runtime = load('@seg/onnx-node').onnxNode();
  const segmenter = await createSegmenter({ model: load('@seg/models/people'), runtime });
  const { image } = await load('@seg/node').readPhoto(join(examples, 'sample.jpg'));
  const { data } = await readMask(await segmenter.segment(image), { select: 'person' });
  await segmenter.dispose();
  return Array.from(data, (value) => (value > 0 ? 1 : 0));
}

async function testExample(browser, name, expected) {
  const clock = performance.now();
  const seconds = () => `${((performance.now() - clock) / 1000).toFixed(0)} s`;
  const copy = setUp(name);
  console.log(`${name}: installed after ${seconds()}`);
  for (const page of PAGES[name]) {
    const title = `${name}, ${page.title}`;
    const lines = await testPage(browser, name, copy, page, expected).catch((cause) => {
      throw new Error(`${title}: ${cause.message}`, { cause });
    });
    for (const line of lines) console.log(`${title}: ${line} (${seconds()})`);
  }
  rmSync(copy, { recursive: true, force: true });
}

async function main(names, usePacked) {
  const unknown = names.find((name) => !(name in PAGES));
  if (unknown !== undefined) throw new Error(`no example ${unknown}: ${Object.keys(PAGES).join(', ')}`);
  const found = findChromium();
  if ('reason' in found) {
    console.log(`skipped: ${found.reason}`);
    process.exitCode = SKIPPED;
    return;
  }
  mkdirSync(screenshots, { recursive: true });
  if (!usePacked) pack();
  const args = [
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
  ];
  const browser = await chromium.launch({ executablePath: found.path, args });
  try {
    const expected = await askOnnxNode();
    for (const name of names) await testExample(browser, name, expected);
  } finally {
    await browser.close();
  }
}

process.on('SIGINT', () => process.exit(130)); // so that servers end too
const usePacked = process.argv[2] === '--packed';
const names = process.argv.slice(usePacked ? 3 : 2);
try {
  await main(names.length > 0 ? names : Object.keys(PAGES), usePacked);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
