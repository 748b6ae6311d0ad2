import { afterAll, beforeAll, describe, it, test } from 'vitest';
import type { Engine, Found } from './engine.ts';
import type { Page } from './page.ts';
import { type Served, servePage } from './serve.ts';

/** A case's own limit, ms: as in `runConformance`, and what the driver adds. */
const CASE_MS = 70_000;

/** Every conformance case of every adapter, run in an engine and reported as a test of this file. */
export async function runInEngine(title: string, found: Found): Promise<void> {
  if ('reason' in found) {
    console.warn(`The tests in ${title} are skipped: ${found.reason}`);
    test(`${title} (skipped: ${found.reason})`, ({ skip }) => skip(found.reason));
    return;
  }
  // A browser to list the cases, and another to run them: where a filter leaves none, nothing would end the first.
  const listing = await openPage(found);
  await listing.close();
  console.info(`${title}: ${listing.engine.name}`);
  let page: OpenPage;
  beforeAll(async () => {
    page = await openPage(found);
  }, CASE_MS);
  afterAll(() => page?.close(), CASE_MS);

  for (const { name, cases } of listing.adapters) {
    describe(`conformance of ${name} in ${title}`, () => {
      // vendors leave things behind: each adapter has a page of its own
      beforeAll(() => page.reload(), CASE_MS);
      cases.forEach(({ group, title, skipped }, at) => {
        if (skipped !== null) {
          it(`${group}: ${title} (skipped: ${skipped})`, ({ skip }) => skip(skipped));
          return;
        }
        it(`${group}: ${title}`, { timeout: CASE_MS }, async () => {
          const wrong = await page.engine.evaluate(`conformance.run(${JSON.stringify(name)}, ${at})`);
          if (wrong !== null) throw new Error(String(wrong));
        });
      });
    });
  }
}

interface OpenPage {
  readonly engine: Engine;
  readonly adapters: Page['adapters'];
  reload(): Promise<unknown>;
  close(): Promise<void>;
}

/** Serves the page and opens it in a browser of its own. */
async function openPage({ start }: Extract<Found, { start: unknown }>): Promise<OpenPage> {
  const served = await servePage('tests/engines/page.ts');
  const engine = await start().catch(async (error) => {
    await served.close();
    throw error;
  });
  const close = async () => {
    await engine.close();
    await served.close();
  };
  try {
    const { adapters } = await load(engine, served);
    return { engine, adapters, reload: () => load(engine, served), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the page offers, once its script has run: it is a module, and may come after the load. */
async function load(engine: Engine, { url }: Served): Promise<Pick<Page, 'adapters'>> {
  await engine.open(url);
  const json = await engine.evaluate(`(async () => {
    while (globalThis.conformance === undefined && globalThis.pageError === undefined) {
      await new Promise((done) => setTimeout(done, 50));
    }
    if (globalThis.pageError !== undefined) throw new Error(globalThis.pageError);
    return JSON.stringify(globalThis.conformance);
  })()`);
  return JSON.parse(String(json));
}
