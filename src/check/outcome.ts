import { plural } from '../base/plural.js';
import { printable } from '../base/printable.js';
import type { Range } from '../report/doubt.js';
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

/** `: 38.2 (36 to 41; 30 to 55 by the errors of the profiles), unsure`. */
export function figureText({ value, low, high, doubt, certainty, atLeast, atMost }: Judgement): string {
  const unsure = certainty === 'unsure' ? ', unsure' : '';
  if (Number.isNaN(value)) return certainty === 'unsure' ? ': not known' : '';
  const bounds = [atLeast, atMost].filter((bound) => bound !== undefined);
  const isInterval = (range: Range) =>
    !Number.isNaN(range.low) && !Number.isNaN(range.high) && range.low !== range.high;
  const noise = isInterval({ low, high }) ? [low, high] : [];
  const model = doubt !== undefined && isInterval(doubt) ? [doubt.low, doubt.high] : [];
  const [shown, ...ends] = formatApart([value, ...noise, ...model], bounds);
  const [from, to] = ends.splice(0, noise.length);
  const byNoise = noise.length > 0 ? `${from} to ${to}` : undefined;
  const byErrors = model.length > 0 ? ends.join(' to ') : byNoise;
  const intervals = [
    ...(byNoise === undefined ? [] : [byNoise]),
    ...(byErrors === byNoise ? [] : [`${byErrors} by the errors of the profiles`]),
  ];
  return `: ${shown}${intervals.length > 0 ? ` (${intervals.join('; ')})` : ''}${unsure}`;
}
