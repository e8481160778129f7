import { mean } from 'simple-statistics';
import { fitSpread } from '../../../effects/service-time-variability/fit.js';
import type { SpeedDrift, Spread } from '../../../profile/profile.js';
import { countedPoints, type Observation, observationsOf } from '../../observation.js';
import { executionUs, meanPhases } from '../phases.js';
import { executionsToKnow } from './loaded-phases.js';

/**
 * Spread of an execution around its mean: of single executions where the server's own times of them are known, otherwise
 * from the latencies of a single client.
 * @param speedDrift of the machine, where it has one: what executions have in common that follow each other is that, no spread
 */
export function fitModelSpread(
  observations: readonly Observation[],
  model: string,
  speedDrift?: SpeedDrift,
): Spread {
  const single = observationsOf(observations, 'sequential', model).flatMap(
    ({ executionsUs = [], durationS }) =>
      blocksOf(executionsUs, blockOf(executionsUs, durationS * 1000, speedDrift)).flatMap(withinBlock),
  );
  const ratios = single.length > 0 ? single : ratiosOfLatencies(observations, model);
  return ratios.length === 0 ? { law: 'none' } : fitSpread(ratios);
}

/** What a machine drifts over longer times than these many executions is no scatter between executions. */
const BLOCK = 100;

/** Fewer hardly tell their common speed drift from themselves. */
const SHORTEST_BLOCK = 8;

/** Executions whose mean is known, and which the machine serves at one speed drift: they are over within half its time constant. */
function blockOf(executionsUs: readonly number[], ms: number, speedDrift?: SpeedDrift): number {
  const { length } = executionsUs;
  if (length === 0) return BLOCK;
  const variance = mean(relativeTo(mean([...executionsUs]), executionsUs).map((ratio) => (ratio - 1) ** 2));
  const longest = Math.max(BLOCK, executionsToKnow(Math.sqrt(variance)));
  if (speedDrift === undefined) return longest;
  const steady = Math.round((speedDrift.timeConstantMs / 2) * (length / ms));
  return Math.min(longest, Math.max(SHORTEST_BLOCK, steady));
}

/** As ratios to their mean, which lies among them: they are further from what they spread around than from that. */
function withinBlock(block: readonly number[]): number[] {
  const further = Math.sqrt(block.length / Math.max(1, block.length - 1));
  return relativeTo(mean([...block]), block).map((ratio) => Math.max(SHORTEST, 1 + further * (ratio - 1)));
}

/** In the order measured; a rest too short for a block belongs to the one before. */
function blocksOf(values: readonly number[], length: number): number[][] {
  const count = Math.min(values.length, Math.max(1, Math.floor(values.length / length)));
  const start = (i: number) => Math.round((i * values.length) / count);
  return Array.from({ length: count }, (_, i) => values.slice(start(i), start(i + 1)));
}

function relativeTo(whole: number, values: readonly number[]): number[] {
  return values.map((value) => value / whole);
}

/**
 * A single client's latency is its execution and a floor that hardly varies, so the quantiles of latency
 * less the mean floor are those of the execution; all batch sizes together, each divided by its mean. The
 * client's own noise is in it.
 */
function ratiosOfLatencies(observations: readonly Observation[], model: string): number[] {
  return countedPoints(observations, 'sequential', model).flatMap(({ counted, clients }) => {
    if (counted.executionCount === 0) return [];
    const aloneUs = executionUs(meanPhases(counted));
    const { meanUs: latencyUs, quantilesUs } = clients[0]!;
    const floorUs = Math.max(0, latencyUs - aloneUs);
    return relativeTo(
      aloneUs,
      quantilesUs.map((us) => Math.max(us - floorUs, aloneUs * SHORTEST)),
    );
  });
}

/** Shortest execution that noise of the floor may make of one, as a fraction of the mean. */
const SHORTEST = 0.05;
