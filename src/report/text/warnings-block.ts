import { groupBy } from '../../base/group-by.js';
import type { Warning } from '../../base/warning.js';
import { adviceFor, adviceWithout, asksSomething, warningSentence } from '../advice.js';
import { someOf } from '../format.js';
import { plainStyle, type Style } from './style.js';
import { wrap } from './width.js';

const MAX_WARNINGS = 20;

export interface WarningsBlockOptions {
  readonly style?: Style;
  /** Where what is not written out stands; of a list of warnings with the verb. */
  readonly allIn?: string | undefined;
}

/** What a reader must know, and what to do about each; nothing where there is nothing. */
export function warningsBlock(
  warnings: readonly Warning[],
  width: number,
  { style = plainStyle, allIn = '--json and --html have' }: WarningsBlockOptions = {},
): readonly string[] {
  if (warnings.length === 0) return [];
  const groups = warningGroups(warnings);
  const lines = groups.slice(0, MAX_WARNINGS).flatMap((group) => wrap(groupSentence(group), width, '  '));
  const hidden = groups.slice(MAX_WARNINGS).reduce((sum, group) => sum + group.warnings.length, 0);
  const rest = hidden > 0 ? [`- and ${hidden} more; ${allIn} them all.`] : [];
  return [style(`Warnings (${warnings.length})`, 'heading'), ...lines, ...rest];
}

/** What to do about warnings, those of a kind in one line; nothing about those that ask nothing. */
export function adviceBlock(
  warnings: readonly Pick<Warning, 'code' | 'subject'>[],
  width: number,
  { style = plainStyle, allIn = '-v' }: WarningsBlockOptions = {},
): readonly string[] {
  const asking = [...groupBy(warnings.filter(asksSomething), ({ code }) => code)];
  if (asking.length === 0) return [];
  const lines = asking.map(([code, group]) => {
    const subjects = someOf([...new Set(group.map(({ subject }) => subject))], MAX_SUBJECTS);
    return `- ${subjects} (${code}): ${adviceWithout(code, allIn)}`;
  });
  return [style('Before you rely on it', 'heading'), ...lines.flatMap((line) => wrap(line, width, '  '))];
}

const MAX_SUBJECTS = 3;

function groupSentence({ warnings, subjects, isSame }: WarningGroup): string {
  const first = warnings[0]!;
  const who = someOf(subjects, MAX_SUBJECTS);
  const which = isSame ? '' : `, the first of ${warnings.length}`;
  return `- ${who} (${first.code})${which}: ${warningSentence(first)} ${adviceFor(first.code)}`;
}

/** Warnings that say one thing of several subjects, such as all models of a fleet. */
interface WarningGroup {
  readonly warnings: readonly Warning[];
  /** In the order of their first warnings. */
  readonly subjects: readonly string[];
  /** They differ in nothing but their subjects. */
  readonly isSame: boolean;
}

/** Two that differ in their figures are shown with them. */
const FEWEST_OF_GROUP = 3;

/** The warnings in their order; those that differ only in names and figures from an earlier one stand with it. */
function warningGroups(warnings: readonly Warning[]): readonly WarningGroup[] {
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
