import { groupBy } from '../../base/group-by.js';
import { someOf } from '../../base/some-of.js';
import type { Warning } from '../../base/warning.js';
import { adviceFor, adviceWithout, asksSomething, warningSentence } from '../advice.js';
import { MAX_SUBJECTS, type WarningGroup, warningGroups } from '../warning-groups.js';
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

function groupSentence({ warnings, subjects, isSame }: WarningGroup): string {
  const first = warnings[0]!;
  const who = someOf(subjects, MAX_SUBJECTS);
  const which = isSame ? '' : `, the first of ${warnings.length}`;
  return `- ${who} (${first.code})${which}: ${warningSentence(first)} ${adviceFor(first.code)}`;
}
