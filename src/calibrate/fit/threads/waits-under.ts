import type { ThreadWaits } from '../../../profile/serving.js';
import type { FitFacts } from '../facts.js';
import { interferenceOf, measuredPairs } from '../interference/interference-facts.js';
import { withServing } from '../with-serving.js';
import { frontEndUs } from './front-end.js';
import { fitNetworkDelay } from './network-delay.js';
import { refineThreadWaits } from './waits-by-replay.js';

type WaitFacts = Pick<
  FitFacts,
  | 'observations'
  | 'configs'
  | 'given'
  | 'computing'
  | 'waiting'
  | 'requestCpu'
  | 'frontEnds'
  | 'threadWaits'
  | 'usual'
>;

/**
 * What threads wait, from replays in which the network delay and the slowdowns are fitted anew without it: as measured they hold
 * some of it. Undefined where the load generator showed none.
 */
export function refinedWaits(facts: WaitFacts): ThreadWaits | undefined {
  const { observations, computing, frontEnds, given, usual, threadWaits: expected } = facts;
  if (expected === undefined) return undefined;
  const servedUnder = (threadWaits: ThreadWaits) => {
    const pairs = measuredPairs({ ...facts, threadWaits });
    const interference = interferenceOf({ ...facts, threadWaits, pairs });
    return usual.map(({ config, profile }) => {
      const { name } = config;
      const networkDelay = fitNetworkDelay(observations, name, {
        ...{ computing, threadWaits },
        frontEndUs: frontEndUs(frontEnds.get(name)!, given.payloadOf(name)),
      });
      const met = { ...profile, interference: interference.of(name) };
      return { config, profile: withServing(met, { ...networkDelay, threadWaits }) };
    });
  };
  return refineThreadWaits(observations, servedUnder, expected);
}
