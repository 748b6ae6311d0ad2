import type { ModelVariant, Runtime } from '@seg/core';
import type { TinyModel } from '../tiny-cards.ts';

/** A point of ARCHITECTURE, section 4. */
export type Rule = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;

/** What is judged, and by what means it lets itself be looked at. */
export interface ConformanceSubject {
  /** For example `onnx-node, worker`. */
  readonly name: string;
  /** Makes a runtime; the suite makes as many as it needs. */
  runtime(): Runtime;
  /** Tiny models that it cannot open, and why. All others that have a variant in the runtime's format must work. */
  readonly skipModels?: Readonly<Partial<Record<TinyModel, string>>>;
  /** Rules that say nothing here, and why. */
  readonly skipRules?: Readonly<Partial<Record<Rule, string>>>;
  readonly means?: ConformanceMeans;
}

/** A subject whose format is known, and in `skipModels` the models that have no variant in it. */
export interface JudgedSubject extends ConformanceSubject {
  readonly format: ModelVariant['format'];
}

/** What only some subjects can offer. Cases that need a means which is absent are reported as skipped. */
export interface ConformanceMeans {
  /** A runtime that is asked for something that this machine does not have (rule 7). */
  unavailable?(): Runtime;
  /** A runtime on a device that the suite lends (rule 2). */
  onDevice?(): { readonly runtime: Runtime; isDestroyed(): boolean };
  /** Sessions, stages and tensors alive in all runtimes made so far (rules 1, 4). */
  countLive?(): number;
  /** Copies off the device that nobody asked for, so far (rule 6). */
  countReadbacks?(): number;
  /** Makes the device of all runtimes made so far go away (rule 9). */
  loseDevice?(): void;
  /** Makes the worker threads of all runtimes made so far die (rule 9). */
  killWorkers?(): void | Promise<void>;
}

export interface ConformanceCase {
  readonly title: string;
  /** Rejects where the rule is broken. */
  run(): Promise<void>;
  /** Why it says nothing about this subject. */
  readonly skipped?: string;
}

export interface ConformanceGroup {
  readonly rule: Rule;
  readonly title: string;
  readonly cases: readonly ConformanceCase[];
}
