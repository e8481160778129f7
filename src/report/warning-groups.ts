import { groupBy } from '../base/group-by.js';
import type { Warning } from '../base/warning.js';
import { warningSentence } from './advice.js';

/** Warnings that say one thing of several subjects, such as all models of a fleet. */
export interface WarningGroup {
  readonly warnings: readonly Warning[];
  /** In the order of their first warnings. */
  readonly subjects: readonly string[];
  /** They differ in nothing but their subjects. */
  readonly isSame: boolean;
}

/** Subjects of a group that are named before the rest is counted. */
export const MAX_SUBJECTS = 3;

/** Two that differ in their figures are shown with them. */
const FEWEST_OF_GROUP = 3;

/** The warnings in their order; those that differ only in names and figures from an earlier one stand with it. */
export function warningGroups(warnings: readonly Warning[]): readonly WarningGroup[] {
  const names = new Set(warnings.flatMap(({ subject }) => wordsOf(subject)));
  const alike = groupBy(warnings, (warning) => `${warning.code} ${wordingOf(warning, names)}`);
  return [...alike.values()].flatMap((group) => {
    const whole = groupOf(group);
    return whole.isSame || group.length >= FEWEST_OF_GROUP ? [whole] : group.map((one) => groupOf([one]));
  });
}

function groupOf(warnings: readonly Warning[]): WarningGroup {
  const subjects = [...new Set(warnings.map(({ subject }) => subject))];
  return { warnings, subjects, isSame: new Set(warnings.map(warningSentence)).size === 1 };
}

/** What a message says without names and figures; lists of them are as one. */
function wordingOf({ message }: Warning, names: ReadonlySet<string>): string {
  const words = wordsOf(message).map((word) => (names.has(word) || /\d/.test(word) ? '#' : word));
  return words.filter((word, i) => word !== '#' || words[i - 1] !== '#').join(' ');
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[^\s,;:"()]+/g) ?? [];
}
