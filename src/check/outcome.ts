import { plural } from '../base/plural.js';
import { printable } from '../base/printable.js';
import { type Style, styleOf } from '../report/text/style.js';
import { formatApart } from './digits.js';
import type { Judgement } from './judge.js';

/** One case: a scenario with what was expected of it. */
export interface CaseOutcome {
  readonly name: string;
  readonly scenarioFile: string;
  readonly judgements: readonly Judgement[];
}

export interface CheckOutcome {
  readonly cases: readonly CaseOutcome[];
  readonly passed: boolean;
}

export function checkOutcome(cases: readonly CaseOutcome[]): CheckOutcome {
  return { cases, passed: cases.every(({ judgements }) => judgements.every(({ passed }) => passed)) };
}

/** One line per expectation, then the sum. */
export function checkToText({ cases }: CheckOutcome, options: { readonly colour?: boolean } = {}): string {
  const style = styleOf(options);
  const all = cases.flatMap(({ judgements }) => judgements);
  const failed = all.filter(({ passed }) => !passed).length;
  const unsure = all.filter(({ certainty }) => certainty === 'unsure').length;
  const lines = cases.flatMap(({ name, scenarioFile, judgements }) => [
    style(printable(`${name} (${scenarioFile})`), 'heading'),
    ...judgements.map((judgement) => judgementLine(judgement, style)),
  ]);
  const sum = `${all.length} ${plural(all.length, 'expectation')}: ${all.length - failed} met, ${failed} violated${unsure === 0 ? '' : `; ${unsure} unsure`}.`;
  return `${[...lines, sum].join('\n')}\n`;
}

function judgementLine(judgement: Judgement, style: Style): string {
  const word = judgement.passed ? style('met     ', 'good') : style('violated', 'bad');
  return `  ${word}  ${printable(judgement.expectation)}${figureText(judgement)}`;
}

/** `: 38.2 (36 to 41), unsure`. */
export function figureText({ value, low, high, certainty, atLeast, atMost }: Judgement): string {
  if (Number.isNaN(value)) return certainty === 'unsure' ? ': not known' : '';
  const hasInterval = !Number.isNaN(low) && !Number.isNaN(high) && low !== high;
  const bounds = [atLeast, atMost].filter((bound) => bound !== undefined);
  const [shown, from, to] = formatApart(hasInterval ? [value, low, high] : [value], bounds);
  const interval = hasInterval ? ` (${from} to ${to})` : '';
  return `: ${shown}${interval}${certainty === 'unsure' ? ', unsure' : ''}`;
}
