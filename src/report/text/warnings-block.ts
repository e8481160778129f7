import { groupBy } from '../../base/group-by.js';
import type { Warning } from '../../base/warning.js';
import { adviceFor, adviceWithout, asksSomething, warningSentence } from '../advice.js';
import { type WarningGroup, warningGroups } from '../warning-groups.js';
import { plainStyle, type Style } from './style.js';
import { wrap } from './width.js';

/** The most warnings written out, like ones counted once. */
const MAX_WARNINGS = 20;

export interface WarningsBlockOptions {
  readonly style?: Style;
  /** Where what is not written out stands; of a list of warnings with the verb. */
  readonly allIn?: string;
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
    const subjects = namedSubjects([...new Set(group.map(({ subject }) => subject))]);
    return `- ${subjects} (${code}): ${adviceWithout(code, allIn)}`;
  });
  return [style('Before you rely on it', 'heading'), ...lines.flatMap((line) => wrap(line, width, '  '))];
}

/** The most subjects of like warnings that are named. */
const MAX_SUBJECTS = 3;

function namedSubjects(subjects: readonly string[]): string {
  const left = subjects.length - MAX_SUBJECTS;
  const named = subjects.slice(0, MAX_SUBJECTS).join(', ');
  return left > 0 ? `${named} and ${left} more` : named;
}

function groupSentence({ warnings, subjects, isSame }: WarningGroup): string {
  const first = warnings[0]!;
  const who = namedSubjects(subjects);
  const which = isSame ? '' : `, the first of ${warnings.length}`;
  return `- ${who} (${first.code})${which}: ${warningSentence(first)} ${adviceFor(first.code)}`;
}
