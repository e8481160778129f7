import type { Spread } from '../../profile/profile.js';
import { fitSpread } from '../../profile/spread-fit.js';
import { type Observation, observationsOf } from '../observation.js';
import { meanPhases } from './phases.js';

/**
 * Spread of an execution around its mean. A single caller's latency is its execution and a floor that
 * hardly varies, so the quantiles of latency less the mean floor are those of the execution; all batch
 * sizes together, each divided by its mean.
 */
export function fitModelSpread(observations: readonly Observation[], model: string): Spread {
  const ratios = observationsOf(observations, 'sequential', model).flatMap(({ statistics, clients }) => {
    const counted = statistics.find((each) => each.model === model);
    if (counted === undefined || counted.executionCount === 0) return [];
    const { inputUs, inferUs, outputUs } = meanPhases(counted);
    const executionUs = inputUs + inferUs + outputUs;
    const { meanUs: latencyUs, quantilesUs } = clients[0]!;
    const floorUs = Math.max(0, latencyUs - executionUs);
    return quantilesUs.map((us) => Math.max(us - floorUs, executionUs * SHORTEST) / executionUs);
  });
  return ratios.length === 0 ? { law: 'none' } : fitSpread(ratios).spread;
}

/** Shortest execution that noise of the floor may make of one, as a fraction of the mean. */
const SHORTEST = 0.05;
