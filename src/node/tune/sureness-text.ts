import { formatNumber, formatPercent, formatSigned } from '../../report/format.js';
import type { SurenessValues } from './candidate-values.js';

export interface SurenessContext {
  /** Of the objective. */
  readonly unit: string;
  /** Where the runs come from: `on fresh seeds`, `measured live`. */
  readonly where: string;
}

/** How sure it is that the winner is better than `other`, in one sentence. */
export function surenessSentence(
  other: string,
  sureness: SurenessValues,
  { unit, where }: SurenessContext,
): string {
  const { decidedBy, difference, relativePercent, probability, pValue } = sureness;
  if (pValue === 1 && difference.value === 0) {
    return `It is equal to ${other} in ${figureName(decidedBy)}, run by run.`;
  }
  const unitOf = { objective: unit, 'tail latency': 'ms', SLO: 'of attainment' }[decidedBy];
  // A margin of attainment is near 0, so that percents of it say nothing.
  const share = decidedBy === 'SLO' ? [] : [`${formatSigned(relativePercent)} %`];
  const isAlike = difference.low === difference.high;
  const interval =
    Number.isNaN(pValue) || isAlike
      ? []
      : [`95 % interval ${formatNumber(difference.low)} to ${formatNumber(difference.high)}`];
  const brackets = [...share, ...interval].join('; ');
  const sure = isAlike ? ALIKE : Number.isNaN(probability) ? ONE_RUN : likelihood(probability);
  return `Against ${other}, decided by ${figureName(decidedBy)}: ${formatNumber(difference.value)} ${unitOf}${brackets === '' ? '' : ` (${brackets})`} ${where}; ${sure}.`;
}

const ONE_RUN = 'one run says nothing about chance';
/** Where a trace is replayed and no execution varies. */
const ALIKE =
  'seeds change nothing here, neither arrivals nor times, so another day of this load may decide otherwise';

function figureName(by: SurenessValues['decidedBy']): string {
  if (by === 'objective') return 'the objective';
  return by === 'SLO' ? 'an SLO' : 'tail latency, the objective being equal';
}

function likelihood(probability: number): string {
  return probability > 0.999
    ? 'the winner is better with a probability above 99.9 %'
    : `the winner is better with a probability of ${formatPercent(probability)} %`;
}
