import type { ModelConfig } from '../../scenario/model-config.js';
import { isOnHost } from '../experiment.js';
import { type Draft, draftOf } from './draft-profile.js';
import { finalProfiles, modelFits } from './evidence.js';
import type { FitFacts } from './facts.js';
import { withoutContention } from './interference/contention.js';
import { interferenceOf, measuredPairs } from './interference/interference-facts.js';
import { refineSlowdowns } from './interference/slowdowns-by-replay.js';
import { profileOf } from './profile-of.js';
import { fitDrift } from './service/drift.js';
import { fitSpeedDrift } from './service/speed-drift.js';
import type { Repeat, Stage, Step } from './stage.js';
import { fitDelays } from './threads/delays.js';
import { fitFrontEnd, frontEndUs } from './threads/front-end.js';
import { computingModels, waitingModels } from './threads/host-cores.js';
import { fitRequestCpu } from './threads/request-cpu.js';
import { fitResponse } from './threads/response.js';
import { fitThreadWaits } from './threads/thread-waits.js';
import { refinedWaits } from './threads/waits-under.js';
import { fitWakeUpOrder } from './threads/wake-up-order.js';
import { uncertainties } from './uncertain.js';
import { unidentifiedOf } from './unidentified.js';

function byModel<Fact>(
  configs: readonly ModelConfig[],
  of: (config: ModelConfig) => Fact,
): Map<string, Fact> {
  return new Map(configs.map((config) => [config.name, of(config)]));
}

/** What points show by themselves, each fact for all models. */
const MEASURED: readonly Stage<FitFacts>[] = [
  {
    name: 'who computes on the host, and who waits there',
    run: ({ observations, configs }) => ({
      computing: computingModels(observations, configs),
      waiting: waitingModels(observations, configs),
    }),
  },
  {
    name: 'service-speed drift',
    run: ({ observations, configs, waiting }) => {
      const names = configs.map(({ name }) => name).filter((name) => !waiting.has(name));
      return { speedDrift: fitSpeedDrift(observations, names) };
    },
  },
  {
    name: 'core time of requests',
    run: ({ observations, configs, given, computing }) => ({
      requestCpu: byModel(configs, ({ name }) =>
        fitRequestCpu(observations, name, { cores: given.cpuCores, computes: computing.has(name) }),
      ),
    }),
  },
  {
    name: 'front end of a request and of a kilobyte',
    run: ({ observations, configs, given: { payloadOf, cpuCores, provenance } }) => ({
      frontEnds: byModel(configs, (config) => {
        const { protocol } = provenance(config.name);
        return fitFrontEnd(observations, { config, payload: payloadOf(config.name), cpuCores, protocol });
      }),
    }),
  },
  {
    name: 'a kilobyte of response',
    run: ({ observations, configs, given: { payloadOf } }) => ({
      responses: byModel(configs, ({ name }) => fitResponse(observations, name, payloadOf(name))),
    }),
  },
  {
    name: 'waits for threads, as the load generator shows them',
    run: ({ observations, computing, given }) => ({
      threadWaits: fitThreadWaits(observations, computing, given.cpuCores),
    }),
  },
];

const MEASURED_PAIRS: Stage<FitFacts> = {
  name: 'slowdowns of pairs, as measured',
  run: (facts) => ({ pairs: measuredPairs(facts) }),
};

/**
 * How often a draft is made anew. A draft that holds contention shows too little of it: once left 4 % of service times, twice 1 %
 * (`npm run reproduce:known`, host-requests).
 */
const ROUNDS = 2;

/** The draft made anew from loads without the contention that the draft before shows. */
function apart(draft: Draft, facts: FitFacts): Draft {
  const { config } = draft;
  let drafted = draft;
  for (let round = 0; round < ROUNDS; round++) {
    const profile = profileOf(drafted, { shared: facts.shared });
    const observations = withoutContention(facts.observations, { config, profile });
    if (observations === facts.observations) return draft;
    drafted = draftOf(config, { ...facts, observations });
  }
  return drafted;
}

/** What follows from waits and slowdowns: all that a model is replayed with. */
const SERVED: readonly Stage<FitFacts>[] = [
  {
    name: 'interference',
    run: (facts) => ({ interference: interferenceOf(facts) }),
  },
  {
    name: 'delays of threads and network',
    run: ({ observations, configs, given, computing, threadWaits, frontEnds }) => ({
      delays: fitDelays(observations, configs, {
        computing,
        threadWaits,
        frontEndUs: (model) => frontEndUs(frontEnds.get(model)!, given.payloadOf(model)),
      }),
    }),
  },
  {
    name: 'service time, spread, and what idling costs',
    run: (facts) => ({ drafts: facts.configs.map((config) => draftOf(config, facts)) }),
  },
  {
    name: 'wake-up order, and what else the whole server shares',
    run: ({ observations, given: { cpuCores }, threadWaits, drafts }) => {
      const wakeUpOrder = fitWakeUpOrder(observations, drafts);
      const shared = {
        ...wakeUpOrder.shared,
        ...(cpuCores !== undefined && { cpuCores }),
        ...(threadWaits !== undefined && { threadWaits }),
      };
      return { wakeUpOrder, shared };
    },
  },
  {
    name: 'the same without contention with front end and client',
    run: (facts) => ({ drafts: facts.drafts.map((draft) => apart(draft, facts)) }),
  },
  {
    name: 'the usual speed',
    run: ({ drafts, shared }) => {
      const found = drafts.map((draft) => {
        const { config, lone } = draft;
        const drift = fitDrift(lone, config.name, profileOf(draft, { shared }), {
          isOnHost: isOnHost(config),
        });
        return { shared, drift };
      });
      const usual = drafts.map((draft, i) => ({
        config: draft.config,
        profile: profileOf(draft, found[i]!),
      }));
      return { found, usual };
    },
  },
];

const WAITS_BY_REPLAY: Repeat<FitFacts> = {
  name: 'waits for threads, by replays of pairs',
  refine: (facts) => ({ threadWaits: refinedWaits(facts) }),
  again: [MEASURED_PAIRS, ...SERVED],
  until: (_, { threadWaits }) => threadWaits === undefined,
  most: 1,
};

const SLOWDOWNS_BY_REPLAY: Repeat<FitFacts> = {
  name: 'slowdowns of pairs, by replays',
  refine: ({ observations, usual, pairs }) => ({ pairs: refineSlowdowns(observations, usual, pairs) }),
  again: SERVED,
  until: (before, after) => after.pairs.every((pair, i) => pair === before.pairs[i]),
  most: 3,
};

/** Profiles, and how well they hold: replays of all points, with the service-speed drift that no fit has. */
const EVIDENCE: readonly Stage<FitFacts>[] = [
  {
    name: 'replays beside what was measured',
    run: (facts) => ({ models: modelFits(facts) }),
  },
  {
    name: 'profiles',
    run: (facts) => ({ profiles: finalProfiles(facts) }),
  },
  {
    name: 'what is not known',
    run: (facts) => ({ uncertain: uncertainties(facts), unidentified: unidentifiedOf(facts) }),
  },
];

/** How points become profiles, from the first step to the last. */
export const FIT_STEPS: readonly Step<FitFacts>[] = [
  ...MEASURED,
  MEASURED_PAIRS,
  ...SERVED,
  WAITS_BY_REPLAY,
  SLOWDOWNS_BY_REPLAY,
  ...EVIDENCE,
];
