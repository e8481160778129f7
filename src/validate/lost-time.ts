import { sum } from 'simple-statistics';
import { formatNumber } from '../report/format.js';
import { PART_METRICS } from './compare-runs.js';
import { type ModelParts, percentError, type ValidationReport } from './report.js';

const MACHINE_CHANGED =
  'Executions took other times than when the profiles were made: where the machine is another one since, or shares its ' +
  'cores with others, calibrate again.';

/**
 * Where a mean latency that is out of tolerance was lost or won: a sentence for each model, and what to do where it is
 * the execution itself. Empty where all means are within the tolerance.
 */
export function lostTimeSentences({ parts, figures }: ValidationReport): string[] {
  const tolerance = figures.find(({ metric }) => metric.name === 'meanMs')?.tolerance;
  if (tolerance === undefined) return [];
  const off = parts.flatMap((each) => {
    const difference = differenceOf(each);
    return difference !== undefined && Math.abs(difference.percent) > tolerance ? [difference] : [];
  });
  const sentences = off.map(
    ({ subject, ms, part, partMs }) =>
      `${subject}: ${formatNumber(Math.abs(ms))} ms ${ms > 0 ? 'longer' : 'shorter'} than predicted in the mean, ` +
      `most of it in ${part} (${formatNumber(Math.abs(partMs))} ms).`,
  );
  return off.some(({ part }) => part === 'infer') ? [...sentences, MACHINE_CHANGED] : sentences;
}

interface Difference {
  readonly subject: string;
  /** Measured less predicted, of the whole and of the part that differs most in that direction. */
  readonly ms: number;
  readonly part: string;
  readonly partMs: number;
  readonly percent: number;
}

function differenceOf({ subject, measuredMs, predictedMs }: ModelParts): Difference | undefined {
  const [measured, predicted] = [sum([...measuredMs]), sum([...predictedMs])];
  const ms = measured - predicted;
  if (!Number.isFinite(ms)) return undefined;
  const parts = PART_METRICS.map(({ label }, i) => ({ label, ms: measuredMs[i]! - predictedMs[i]! }));
  const most = parts.reduce((best, part) =>
    part.ms * Math.sign(ms) > best.ms * Math.sign(ms) ? part : best,
  );
  return { subject, ms, part: most.label, partMs: most.ms, percent: percentError(predicted, measured) };
}
