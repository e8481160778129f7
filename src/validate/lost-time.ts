import { sum } from 'simple-statistics';
import { formatNumber } from '../report/format.js';
import { PART_METRICS } from './compare-runs.js';
import { type ModelParts, percentError, type ValidationReport } from './report.js';

const MACHINE_CHANGED =
  'Executions took other times than when the profiles were made: where the machine is another one since, or shares its ' +
  'cores with others, calibrate again.';

/**
 * Where a mean latency that is out of tolerance was lost or won: a sentence for each model, and what to do where it is
 * the execution itself. Under load that shows most in the queue, where requests wait for executions. Empty where all
 * means are within the tolerance.
 */
export function lostTimeSentences({ parts, figures }: ValidationReport): string[] {
  const tolerance = figures.find(({ metric }) => metric.name === 'meanMs')?.tolerance;
  if (tolerance === undefined) return [];
  const off = parts.flatMap((each) => {
    const difference = differenceOf(each, tolerance);
    return difference !== undefined && Math.abs(difference.percent) > tolerance ? [difference] : [];
  });
  const sentences = off.map((each) => {
    const { subject, ms, part, partMs, waitedForPercent } = each;
    const cause = waitedForPercent === undefined ? '' : `; ${causeOf(waitedForPercent)}`;
    return (
      `${subject}: ${formatNumber(Math.abs(ms))} ms ${longer(ms)} than predicted in the mean, ` +
      `most of it in ${part} (${formatNumber(Math.abs(partMs))} ms)${cause}.`
    );
  });
  const isExecution = off.some(
    ({ part, waitedForPercent }) => part === INFER || waitedForPercent !== undefined,
  );
  return isExecution ? [...sentences, MACHINE_CHANGED] : sentences;
}

function causeOf(percent: number): string {
  return `executions of the same batch sizes were ${formatNumber(Math.abs(percent))} % ${longer(percent)}`;
}

function longer(difference: number): string {
  return difference > 0 ? 'longer' : 'shorter';
}

const INFER = 'infer';
const QUEUE = 'queue';

interface Difference {
  readonly subject: string;
  /** Measured less predicted, of the whole and of the part that differs most in that direction. */
  readonly ms: number;
  readonly part: string;
  readonly partMs: number;
  readonly percent: number;
  /** How much longer executions took, where that part is the queue and they are why. */
  readonly waitedForPercent: number | undefined;
}

function differenceOf(
  { subject, measuredMs, predictedMs, executionPercent }: ModelParts,
  tolerance: number,
): Difference | undefined {
  const [measured, predicted] = [sum([...measuredMs]), sum([...predictedMs])];
  const ms = measured - predicted;
  if (!Number.isFinite(ms)) return undefined;
  const parts = PART_METRICS.map(({ label }, i) => ({ label, ms: measuredMs[i]! - predictedMs[i]! }));
  const most = parts.reduce((best, part) =>
    part.ms * Math.sign(ms) > best.ms * Math.sign(ms) ? part : best,
  );
  const isCause = most.label === QUEUE && executionPercent * Math.sign(ms) > tolerance;
  return {
    subject,
    ms,
    part: most.label,
    partMs: most.ms,
    percent: percentError(predicted, measured),
    waitedForPercent: isCause ? executionPercent : undefined,
  };
}
