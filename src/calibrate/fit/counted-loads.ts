import type { ModelStatistics } from '../../live/inference-client.js';
import { countedOf, type Observation, observationsOf } from '../observation.js';
import { TURN_S } from '../turns.js';

/** What the server counted of one model under one load. */
export interface CountedLoad {
  readonly counted: readonly ModelStatistics[];
  readonly durationS: number;
}

/** Requests per second that were answered. */
export function requestsPerSOf(load: CountedLoad): number {
  return requestsOf(load) / load.durationS;
}

export function requestsOf({ counted }: CountedLoad): number {
  return counted.reduce((sum, { success }) => sum + success.count, 0);
}

/**
 * Sparse loads of a model while no other got requests, at several times of a calibration: its `alone` points, and its own turns
 * of points with two models.
 */
export function sparseLoads(observations: readonly Observation[], model: string): CountedLoad[] {
  const inTurns = observationsOf(observations, 'together').map(({ experiment, turns = [] }) => {
    const own = experiment.model === model ? 'first' : experiment.other === model ? 'second' : undefined;
    const alone = turns.filter(({ turn }) => turn === own);
    return { statistics: alone.flatMap(({ statistics }) => statistics), durationS: alone.length * TURN_S };
  });
  return [...observationsOf(observations, 'alone', model), ...inTurns].map(loadOf(model));
}

/** Dense loads of a model alone: Poisson arrivals at most of its capacity. */
export function denseLoads(observations: readonly Observation[], model: string): CountedLoad[] {
  return observationsOf(observations, 'poisson', model).map(loadOf(model));
}

function loadOf(model: string) {
  return ({ statistics, durationS }: Pick<Observation, 'statistics' | 'durationS'>): CountedLoad => ({
    counted: countedOf(statistics, model),
    durationS,
  });
}

/** A load of at most that part of the densest of the sparse ones is one of its own. */
const SPARSER = 0.5;

/** Sparse loads of about the same rate, and those that are sparser still. */
export function bySparsity<Load extends { readonly requestsPerS: number }>(
  loads: readonly Load[],
): { readonly usual: Load[]; readonly sparser: Load[] } {
  const densestPerS = Math.max(...loads.map(({ requestsPerS }) => requestsPerS));
  const isSparser = ({ requestsPerS }: Load) => requestsPerS < SPARSER * densestPerS;
  return { usual: loads.filter((load) => !isSparser(load)), sparser: loads.filter(isSparser) };
}
