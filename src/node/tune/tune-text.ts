import { plural } from '../../base/plural.js';
import type { ModelSetting } from '../../plan/tune/setting.js';
import { formatCount, formatNumber, formatPercent, formatSigned } from '../../report/format.js';
import { ifRight } from '../../report/provenance.js';
import { type ColumnOf, tableOf } from '../../report/tables/table.js';
import { type AnswerTextOptions, answerToText } from '../../report/text/answer-text.js';
import type { CandidateValues } from './candidate-values.js';
import { confirmationParts } from './confirm-text.js';
import { surenessSentence } from './sureness-text.js';
import type { TuneValues } from './tune-values.js';

/** Of objectives that are not called as people say it. */
const NAMES: Readonly<Record<string, string>> = { balanced: 'balanced throughput' };

export interface TuneTextOptions extends AnswerTextOptions {
  /** Folders that were written: of the best scenario, and of what Triton loads. */
  readonly out?: string;
  readonly emit?: string;
}

/** What tuning found, for a terminal: the answer, how sure it is, what was measured live, then how it was found. */
export function tuneToText(values: TuneValues, { out, emit, ...options }: TuneTextOptions = {}): string {
  const { confirmation, unit, best, warnings } = values;
  const settings = best.models.map(({ name, text }) => `${name}: ${text}`);
  return answerToText(
    {
      answer: [...answer(values), ...settings, ...certainty(values)],
      table: { ...tenantTable(values), title: '' },
      asked: confirmation === undefined ? [] : confirmationParts(confirmation, unit),
      details: [{ sentences: [searchSentence(values)] }, finalistTable(values)],
      warnings,
      next: [
        [
          ...(out === undefined ? ['--out FOLDER writes the best scenario.'] : []),
          ...(emit === undefined ? ['--emit FOLDER writes what Triton loads.'] : []),
          ...(confirmation === undefined ? ['--confirm 3 --url HOST:PORT measures it.'] : []),
          '-v shows the finalists and each warning.',
        ].join(' '),
      ],
    },
    { allIn: '--json has', ...options },
  );
}

function answer(values: TuneValues): readonly string[] {
  const { scenario, objective, unit, best, current, profileGuesses } = values;
  const gain = 100 * (best.value / current.value - 1);
  const before =
    values.againstCurrent === undefined
      ? 'these are the settings as they are.'
      : `the settings as they are give ${formatNumber(current.value)} (${formatSigned(gain)} %)${current.meetsSlos ? '' : ' and violate an SLO'}.`;
  return [
    ifRight(
      `${scenario}: best ${NAMES[objective] ?? objective} is ${formatNumber(best.value)} ${unit} under ${best.loadText}, ${sloAnswer(values)}; ${before}`,
      profileGuesses,
    ),
  ];
}

function searchSentence({ space, method }: TuneValues): string {
  return `${formatCount(space.tried)} of ${formatCount(space.size)} combinations of settings and loads ${plural(space.tried, 'was', 'were')} simulated (${method}, ${formatCount(space.simulations)} ${plural(space.simulations, 'simulation')}).`;
}

/** Whether there is an SLO that no setting which was tried meets. */
export function violatesAnyhow({ best, finalists: [winner] }: TuneValues): boolean {
  return hasSlo(best.tenants) && !best.meetsSlos && !winner!.meetsSlos;
}

function sloAnswer(values: TuneValues): string {
  const { best } = values;
  if (!hasSlo(best.tenants)) return 'no tenant having an SLO';
  if (best.meetsSlos) return 'within every SLO';
  return violatesAnyhow(values)
    ? 'but no setting that was tried meets every SLO'
    : 'but close to an SLO, which it met when it was chosen and violates on fresh seeds';
}

function certainty({ againstSecond, againstCurrent, unit }: TuneValues): readonly string[] {
  const where = 'on fresh seeds';
  const sentences = [
    ...(againstSecond ? [surenessSentence('the second', againstSecond, { unit, where })] : []),
    ...(againstCurrent
      ? [surenessSentence('the settings as they are', againstCurrent, { unit, where })]
      : []),
  ];
  return sentences.length > 0
    ? sentences
    : ['The settings as they are won; nothing else was left to compare.'];
}

function tenantTable({ best, current }: TuneValues) {
  const rows = best.tenants.map((tenant, i) => ({ tenant, before: current.tenants[i]! }));
  type Row = (typeof rows)[number];
  const tunedAndNow = (
    header: string,
    text: (tenant: Row['tenant']) => string,
    more: Pick<ColumnOf<Row>, 'dropRank'> = {},
  ): ColumnOf<Row>[] => [
    { header, cell: ({ tenant }) => text(tenant), ...more },
    { header: 'now', cell: ({ before }) => text(before), ...more },
  ];
  const columns: ColumnOf<Row>[] = [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant.tenant },
    ...tunedAndNow('inferences/s', ({ inferencesPerS }) => formatNumber(inferencesPerS)),
    ...tunedAndNow('mean ms', ({ meanMs }) => formatNumber(meanMs), { dropRank: 1 }),
    ...tunedAndNow('tail ms', ({ tailMs }) => formatNumber(tailMs)),
    ...tunedAndNow('within SLO %', ({ attainment = Number.NaN }) => formatPercent(attainment)),
  ];
  return tableOf('Tenants, tuned and now', rows, columns, [
    "Tail: at the SLO's percentile, or the 99th without an SLO. Now: the settings as they are, same load.",
  ]);
}

function finalistTable({ finalists, unit }: TuneValues) {
  return tableOf(
    'Finalists',
    finalists.map((finalist, i) => ({ ...finalist, rank: i + 1 })),
    [
      { header: '#', cell: ({ rank }) => String(rank) },
      { header: unit, cell: ({ value }) => formatNumber(value) },
      { header: 'tail ms', cell: ({ tailMs }) => formatNumber(tailMs) },
      { header: 'SLOs', align: 'left', cell: sloCell },
      { header: 'runs', cell: ({ runs }) => formatCount(runs) },
      { header: 'load', align: 'left', cell: ({ loadText }) => loadText },
      {
        header: 'settings',
        align: 'left',
        cell: ({ models }) =>
          models.map(({ name, setting }) => `${name.split('/').pop()} ${briefly(setting)}`).join('; '),
        wraps: true,
      },
    ],
    [
      'Settings: instances × max batch (preferred), queue delay, queue limit where there is one.',
      'On the seeds on which they were chosen; all above is on fresh ones.',
    ],
  );
}

function sloCell({ tenants, meetsSlos }: CandidateValues): string {
  if (!hasSlo(tenants)) return 'none';
  return meetsSlos ? 'met' : 'violated';
}

function hasSlo(tenants: CandidateValues['tenants']): boolean {
  return tenants.some(({ targetShare }) => targetShare !== undefined);
}

function briefly({ instances, maxBatchSize, batching }: ModelSetting): string {
  if (batching === undefined) return `${instances}×${maxBatchSize}`;
  const { preferredBatchSizes, maxQueueDelayUs, maxQueueSize } = batching;
  const limit = maxQueueSize === 0 ? '' : ` ≤${maxQueueSize}`;
  return `${instances}×${maxBatchSize} (${preferredBatchSizes.join('+')}) ${maxQueueDelayUs} µs${limit}`;
}
