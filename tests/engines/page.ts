// Bundled into the page that an engine opens: the conformance suite as data, and a way to run one case of it.
import { type ConformanceCase, conformanceGroups } from '../../packages/testkit/dist/index.js';
import { adapters } from './adapters.ts';

/** A case as the tests in Node see it. */
export interface CaseOfPage {
  readonly group: string;
  readonly title: string;
  readonly skipped: string | null;
}

export interface Page {
  readonly adapters: readonly { readonly name: string; readonly cases: readonly CaseOfPage[] }[];
  /** Null where it passes, else what went wrong. Never rejects. */
  run(adapter: string, at: number): Promise<string | null>;
}

const listed = adapters.map((subject) => ({
  name: subject.name,
  cases: conformanceGroups(subject).flatMap(({ rule, title, cases }) =>
    cases.map((each) => ({ group: `${rule}. ${title}`, each })),
  ),
}));

async function outcomeOf(each: ConformanceCase): Promise<string | null> {
  try {
    await each.run();
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
  }
}

const page: Page = {
  adapters: listed.map(({ name, cases }) => ({
    name,
    cases: cases.map(({ group, each }) => ({ group, title: each.title, skipped: each.skipped ?? null })),
  })),
  async run(adapter, at) {
    const found = listed.find(({ name }) => name === adapter)?.cases[at];
    return found === undefined ? `there is no case ${at} of ${adapter}` : outcomeOf(found.each);
  },
};

Reflect.set(globalThis, 'conformance', page);
