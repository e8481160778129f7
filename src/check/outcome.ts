import { plural } from '../base/plural.js';
import { printable } from '../base/printable.js';
import { shellWord } from '../base/shell-word.js';
import type { Range } from '../report/doubt.js';
import { tableOf } from '../report/tables/table.js';
import { markdownStyle, type Style, styleOf, type TextOptions } from '../report/text/style.js';
import { textTable } from '../report/text/text-table.js';
import { wrap } from '../report/text/width.js';
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

/** One line per expectation, then the sum, and what to do next. */
export function checkToText({ cases }: CheckOutcome, options: TextOptions = {}): string {
  const { width = Number.POSITIVE_INFINITY } = options;
  const style = styleOf(options);
  const all = cases.flatMap(({ judgements }) => judgements);
  const lines = cases.flatMap(({ name, scenarioFile, judgements }) => [
    style(printable(`${name} (${scenarioFile})`), 'heading'),
    ...judgements.flatMap((judgement) => judgementLines(judgement, style, width)),
  ]);
  const next = cases.flatMap(({ scenarioFile, judgements }) =>
    judgements.some(({ passed }) => !passed)
      ? [`perseus explain ${shellWord(printable(scenarioFile))} names what is to blame.`]
      : [],
  );
  return `${[...lines, sumOf(all), ...new Set(next)].join('\n')}\n`;
}

/** The sum, then a table with those violated first: a comment on a pull request. */
export function checkToMarkdown({ cases, passed }: CheckOutcome): string {
  const rows = cases.flatMap(({ name, judgements }) =>
    judgements.map((judgement) => ({ name, ...judgement })),
  );
  const table = tableOf(
    '',
    rows.sort((a, b) => Number(a.passed) - Number(b.passed)),
    [
      { header: '', align: 'left', cell: (row) => (row.passed ? 'met' : { text: 'violated', tone: 'bad' }) },
      { header: 'case', align: 'left', cell: ({ name }) => name },
      { header: 'expected', align: 'left', cell: ({ expectation }) => expectation },
      { header: 'predicted', align: 'left', cell: (row) => figureText(row).replace(/^: /, '') },
    ],
  );
  const title = markdownStyle(`perseus check: ${passed ? 'met' : 'violated'}`, 'heading');
  return `${[title, '', sumOf(rows), '', ...textTable(table, Number.POSITIVE_INFINITY, markdownStyle)].join('\n')}\n`;
}

function sumOf(all: readonly Judgement[]): string {
  const failed = all.filter(({ passed }) => !passed).length;
  const unsure = all.filter(({ certainty }) => certainty === 'unsure').length;
  return `${all.length} ${plural(all.length, 'expectation')}: ${all.length - failed} met, ${failed} violated${unsure === 0 ? '' : `; ${unsure} unsure`}.`;
}

function judgementLines(judgement: Judgement, style: Style, width: number): readonly string[] {
  const word = judgement.passed ? style('met     ', 'good') : style('violated', 'bad');
  const [first, ...more] = wrap(`${judgement.expectation}${figureText(judgement)}`, width - GAP.length);
  return [`  ${word}  ${first}`, ...more.map((line) => `${GAP}${line}`)];
}

/** As wide as a verdict with what is around it. */
const GAP = ' '.repeat(12);

/** `: 38.2 (36 to 41; 30 to 55 by the errors of the profiles), unsure`. */
export function figureText({
  value,
  low,
  high,
  doubt,
  found,
  certainty,
  atLeast,
  atMost,
}: Judgement): string {
  const unsure = certainty === 'unsure' ? ', unsure' : '';
  if (found !== undefined) return `: ${found}${unsure}`;
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
