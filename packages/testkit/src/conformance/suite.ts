import { tinyCards, tinyModels } from '../tiny-cards.ts';
import { declared, sameAnswer } from './answers.ts';
import { aborting, disposing } from './lifetime.ts';
import { losing, queueing } from './order.ts';
import { borrowing, leasing } from './ownership.ts';
import { frames, refusing, residency } from './residency.ts';
import { scoring, stateless } from './scores.ts';
import type { ConformanceGroup, ConformanceSubject, JudgedSubject } from './subject.ts';

/**
 * The contract's meaning as data: one group a rule of ARCHITECTURE, section 4, in its order. Cases that say nothing
 * about the subject carry the reason in `skipped`.
 */
export function conformanceGroups(candidate: ConformanceSubject): ConformanceGroup[] {
  const subject = judge(candidate);
  const groups = [
    borrowing(subject),
    leasing(subject),
    queueing(subject),
    aborting(subject),
    disposing(subject),
    residency(subject),
    refusing(subject),
    frames(subject),
    losing(subject),
    sameAnswer(subject),
    declared(subject),
    scoring(subject),
    stateless(subject),
  ];
  return groups.map((group) => skipGroup(group, subject.skipRules?.[group.rule]));
}

/** Skips the models that are not to be had in the runtime's format, beside those that the subject cannot open. */
function judge(subject: ConformanceSubject): JudgedSubject {
  const { format } = subject.runtime();
  const absent = tinyModels.filter((model) =>
    tinyCards[model].variants.every((each) => each.format !== format),
  );
  const reasons = Object.fromEntries(absent.map((model) => [model, `no ${format} variant`]));
  return {
    name: subject.name,
    runtime: () => subject.runtime(),
    format,
    skipModels: { ...reasons, ...subject.skipModels },
    ...(subject.skipRules !== undefined && { skipRules: subject.skipRules }),
    ...(subject.means !== undefined && { means: subject.means }),
  };
}

function skipGroup(group: ConformanceGroup, skipped: string | undefined): ConformanceGroup {
  if (skipped === undefined) return group;
  return { ...group, cases: group.cases.map((each) => ({ ...each, skipped })) };
}

/** What the suite needs of a test runner; vitest's `describe` and `it` are made like this. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown;
  it(
    title: string,
    body: (context: { skip(note?: string): unknown }) => Promise<void>,
    timeoutMs?: number,
  ): unknown;
}

/** The longest that one case may take, ms. */
const CASE_MS = 60_000;

/** Hands every group to a test runner. A skipped case says why in its title, and to the runner. */
export function runConformance(subject: ConformanceSubject, { describe, it }: TestRunner): void {
  describe(`conformance of ${subject.name}`, () => {
    for (const { rule, title, cases } of conformanceGroups(subject)) {
      describe(`${rule}. ${title}`, () => {
        for (const { title: name, run, skipped } of cases) {
          if (skipped === undefined) it(name, () => run(), CASE_MS);
          else it(`${name} (skipped: ${skipped})`, async ({ skip }) => void skip(skipped));
        }
      });
    }
  });
}
