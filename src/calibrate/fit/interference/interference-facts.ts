import type { ThreadWaits } from '../../../profile/serving.js';
import { activeInstances, instancesSideBySide } from '../../experiment.js';
import type { FitFacts } from '../facts.js';
import {
  fitInterference,
  fitPairs,
  type InterferenceFit,
  type PairFit,
  withoutNoise,
} from './interference.js';

type PairFacts = Pick<FitFacts, 'observations' | 'threadWaits' | 'computing' | 'waiting'>;

/** What the measured pairs did to each other, without what threads wait. */
export function measuredPairs(facts: PairFacts): readonly PairFit[] {
  return withoutNoise(fitPairs(facts.observations, waitsBeside(facts)), facts.waiting);
}

/** Interference of all models, where pairs did this to each other. */
export function interferenceOf(
  facts: Pick<FitFacts, 'observations' | 'configs' | 'threadWaits' | 'computing' | 'pairs'>,
): InterferenceFit {
  const { observations, configs, pairs } = facts;
  const hindrances = {
    threadWaits: waitsBeside(facts),
    devices: (model: string) => {
      const config = configs.find(({ name }) => name === model);
      return config === undefined ? 1 : activeInstances(config) / instancesSideBySide(config);
    },
  };
  return fitInterference(observations, hindrances, pairs);
}

function waitsBeside({ threadWaits, computing }: Pick<FitFacts, 'threadWaits' | 'computing'>) {
  return (model: string): ThreadWaits | undefined => (computing.has(model) ? threadWaits : undefined);
}
