// WebKitGTK's MiniBrowser, driven by its own WebKitWebDriver (W3C WebDriver: JSON over HTTP) on a display in memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { findProgram } from '../../scripts/find-browser.mjs';
import type { Engine, Found } from './engine.ts';

/** The longest that one script may take, ms. */
const SCRIPT_MS = 120_000;

const HINT = 'apt-get install webkit2gtk-driver xvfb';

/** WebKitGTK through its driver, where both the driver and Xvfb are installed. */
export function findWebKitGtk(): Found {
  const driver = findProgram(['WebKitWebDriver'], 'WEBKIT_DRIVER_PATH', HINT);
  const xvfb = findProgram(['Xvfb'], 'XVFB_PATH', HINT);
  if ('reason' in driver) return driver;
  return 'reason' in xvfb ? xvfb : { start: () => start(driver.path, xvfb.path) };
}

async function start(driver: string, xvfb: string): Promise<Engine> {
  const started: ChildProcess[] = [];
  const stop = () => {
    for (const child of started.splice(0)) child.kill(); // without its display the browser ends too
  };
  process.on('exit', stop);
  try {
    const display = spawn(xvfb, ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    started.push(display);
    const [number] = await Promise.race([once(display.stdout, 'data'), failed(display, 'Xvfb')]);
    const port = await freePort();
    const env = { ...process.env, DISPLAY: `:${String(number).trim()}` };
    const driving = spawn(driver, [`--port=${port}`], { stdio: 'ignore', env });
    started.push(driving);
    const server = `http://127.0.0.1:${port}`;
    await Promise.race([untilReady(server), failed(driving, 'WebKitWebDriver')]);
    return await openSession(server, () => {
      process.off('exit', stop);
      stop();
    });
  } catch (error) {
    stop();
    throw error;
  }
}

async function openSession(server: string, stop: () => void): Promise<Engine> {
  const timeouts = { script: SCRIPT_MS, pageLoad: 60_000 };
  const opened = await call('POST', `${server}/session`, { capabilities: { alwaysMatch: { timeouts } } });
  const session = `${server}/session/${opened.sessionId}`;
  const { browserName, browserVersion } = opened.capabilities;
  return {
    name: `${browserName}/${browserVersion}`,
    open: (url) => call('POST', `${session}/url`, { url }),
    async evaluate(expression) {
      const script = `const done = arguments[arguments.length - 1];
        (async () => (${expression}))().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const { value, error } = await call('POST', `${session}/execute/async`, { script, args: [] });
      if (error !== undefined) throw new Error(error);
      return value;
    },
    close: () =>
      call('DELETE', session)
        .catch(() => {})
        .finally(stop), // it may be gone already
  };
}

/** One WebDriver command: its `value`. Node's own client has no limit of five minutes, as fetch has. */
async function call(method: string, url: string, body?: object) {
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request(url, { method, headers: { 'Content-Type': 'application/json' } }, (response) => {
      let all = '';
      response.setEncoding('utf8').on('data', (part) => {
        all += part;
      });
      response.on('end', () => resolve(all)).on('error', reject);
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
  const { value } = JSON.parse(text);
  if (value?.error !== undefined && value.stacktrace !== undefined) {
    throw new Error(`WebKitWebDriver: ${value.error}: ${value.message}`);
  }
  return value;
}

async function untilReady(server: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await call('GET', `${server}/status`).catch(() => null)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('WebKitWebDriver does not answer');
}

async function failed(child: ChildProcess, name: string): Promise<never> {
  const [code] = await once(child, 'exit'); // rejects where it cannot be started
  throw new Error(`${name} ended with ${code}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
