import { given } from '../base/given.js';
import { plural } from '../base/plural.js';
import { printable } from '../base/printable.js';
import { shellWord } from '../base/shell-word.js';
import { someOf } from '../base/some-of.js';
import type { Range } from '../report/doubt.js';
import { formatNumber } from '../report/format.js';
import { ifRight } from '../report/provenance.js';
import { type Table, tableOf } from '../report/tables/table.js';
import { type AnswerTextOptions, answerToText } from '../report/text/answer-text.js';
import type { Judgement } from './judge.js';

/** One case: a scenario with what was expected of it. */
export interface CaseOutcome {
  readonly name: string;
  readonly scenarioFile: string;
  readonly judgements: readonly Judgement[];
  /** Models on devices whose profiles tell nothing of their errors, where these are looked at; absent where all do. */
  readonly countedAsExact?: readonly string[];
}

export interface CheckOutcome {
  readonly cases: readonly CaseOutcome[];
  readonly passed: boolean;
  /** What must hold of profiles that nobody filled in; absent where there are none. */
  readonly profileGuesses?: string;
}

export function checkOutcome(cases: readonly CaseOutcome[], profileGuesses?: string): CheckOutcome {
  const passed = cases.every(({ judgements }) => judgements.every((judgement) => judgement.passed));
  return { cases, passed, ...given({ profileGuesses }) };
}

/** The sum, then a table of all expectations with those violated first, and what to do next. */
export function checkToText(
  { cases, passed, profileGuesses }: CheckOutcome,
  options: AnswerTextOptions = {},
): string {
  const { verbose = true, markdown = false } = options;
  const rows = cases.flatMap(({ name, judgements }) =>
    judgements.map((judgement) => ({ name, ...judgement })),
  );
  const ordered = [...rows].sort((a, b) => urgency(a) - urgency(b));
  const shown = verbose || markdown ? ordered : ordered.slice(0, Math.max(MOST_ROWS, urgent(rows)));
  const blamed = cases.flatMap(({ scenarioFile, judgements }) =>
    judgements.some(({ passed, isOfService }) => !passed && isOfService)
      ? [`perseus explain ${shellWord(printable(scenarioFile))} names what is to blame.`]
      : [],
  );
  const exact = [...new Set(cases.flatMap(({ countedAsExact = [] }) => countedAsExact))];
  const unknown =
    exact.length === 0
      ? []
      : [`Nothing tells how well the times of ${someOf(exact)} are known; they count as exact.`];
  return answerToText(
    {
      ...(markdown && { heading: `perseus check: ${passed ? 'met' : 'violated'}` }),
      answer: [ifRight(sumOf(rows), profileGuesses)],
      tone: passed ? 'good' : 'bad',
      table: judgementTable(shown),
      below: [...unknown, ...(markdown ? [] : new Set(blamed))],
      next: shown.length < rows.length ? [`-v shows all ${rows.length} expectations.`] : [],
    },
    options,
  );
}

/** Met expectations beyond these are for the long form. */
const MOST_ROWS = 20;

/** Violated ones come first, then those that another run may judge otherwise. */
function urgency({ passed, certainty }: Judgement): number {
  if (!passed) return 0;
  return certainty === 'unsure' ? 1 : 2;
}

const urgent = (all: readonly Judgement[]) => all.filter((judgement) => urgency(judgement) < 2).length;

function judgementTable(rows: readonly (Judgement & { readonly name: string })[]): Table {
  return tableOf('', rows, [
    {
      header: '',
      align: 'left',
      cell: ({ passed }) => (passed ? { text: 'met', tone: 'good' } : { text: 'violated', tone: 'bad' }),
    },
    { header: 'case', align: 'left', cell: ({ name }) => name },
    { header: 'expected', align: 'left', cell: ({ expectation }) => expectation, wraps: true },
    { header: 'predicted', align: 'left', cell: figureText, wraps: true },
  ]);
}

function sumOf(all: readonly Judgement[]): string {
  const failed = all.filter(({ passed }) => !passed).length;
  const unsure = all.filter(({ certainty }) => certainty === 'unsure').length;
  return `${all.length} ${plural(all.length, 'expectation')}: ${all.length - failed} met, ${failed} violated${unsure === 0 ? '' : `; ${unsure} unsure`}.`;
}

/** `38.2 (36 to 41; 30 to 55 by the errors of the profiles), unsure`. */
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
  if (found !== undefined) return `${found}${unsure}`;
  if (Number.isNaN(value)) return certainty === 'unsure' ? 'not known' : '';
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
  return `${shown}${intervals.length > 0 ? ` (${intervals.join('; ')})` : ''}${unsure}`;
}

/** More decimals than this are noise. */
const MOST_DECIMALS = 6;

/**
 * Figures for people, with as many decimals as it takes to tell each of them from what it is compared
 * with, and a share just below 1 from 1: where 0.9896 breaks a bound of 0.99 it is not shown as 0.99.
 * About three significant digits where nothing is near.
 */
export function formatApart(values: readonly number[], references: readonly number[]): readonly string[] {
  const needed = Math.max(...values.map((value) => decimalsFor(value, references)));
  return values.map((value) => {
    const plain = formatNumber(value);
    if (!Number.isFinite(value) || needed <= decimalsOf(plain)) return plain;
    return value.toLocaleString('en-US', { minimumFractionDigits: needed, maximumFractionDigits: needed });
  });
}

/** Decimals that show two digits of the distance to the nearest reference that is not the value itself. */
function decimalsFor(value: number, references: readonly number[]): number {
  if (!Number.isFinite(value)) return 0;
  const near = value > 0.9 && value < 1 ? [...references, 1] : references;
  const distances = near.map((reference) => Math.abs(value - reference)).filter((distance) => distance > 0);
  const nearest = Math.min(...distances);
  if (!Number.isFinite(nearest)) return 0;
  // Read from the digits: Math.log10 may be off by one near a power of ten.
  const order = Number(nearest.toExponential(2).split('e')[1]);
  return Math.min(MOST_DECIMALS, Math.max(0, 1 - order));
}

function decimalsOf(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}
