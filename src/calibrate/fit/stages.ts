import { isOnHost } from '../experiment.js';
import { draftOf } from './draft-profile.js';
import { finalProfiles, modelFits } from './evidence.js';
import type { FitFacts } from './facts.js';
import { contentionOf } from './interference/contention.js';
import { interferenceOf, measuredPairs } from './interference/interference-facts.js';
import { refineSlowdowns } from './interference/slowdowns-by-replay.js';
import { profileOf } from './profile-of.js';
import { fitDrift } from './service/drift.js';
import { fitSpeedDrift } from './service/speed-drift.js';
import { type Repeat, type Stage, type Step, stagesOf } from './stage.js';
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

const stage = stagesOf<FitFacts>();

/** What points show by themselves, each fact for all models. */
const MEASURED: readonly Stage<FitFacts>[] = [
  stage({
    name: 'who computes on the host, and who waits there',
    needs: ['observations', 'configs'],
    gives: ['computing', 'waiting'],
    run: ({ observations, configs }) => ({
      computing: computingModels(
        observations,
        configs.map(({ name }) => name),
      ),
      waiting: waitingModels(observations, configs),
    }),
  }),
  stage({
    name: 'service-speed drift',
    needs: ['observations', 'configs', 'waiting'],
    gives: ['speedDrift'],
    run: ({ observations, configs, waiting }) => {
      const names = configs.map(({ name }) => name).filter((name) => !waiting.has(name));
      return { speedDrift: fitSpeedDrift(observations, names) };
    },
  }),
  stage({
    name: 'core time of requests',
    needs: ['observations', 'configs', 'given', 'computing'],
    gives: ['requestCpu'],
    run: ({ observations, configs, given, computing }) => ({
      requestCpu: new Map(
        configs.map(({ name }) => {
          const facts = { cores: given.cpuCores, computes: computing.has(name) };
          return [name, fitRequestCpu(observations, name, facts)] as const;
        }),
      ),
    }),
  }),
  stage({
    name: 'front end of a request and of a kilobyte',
    needs: ['observations', 'configs', 'given'],
    gives: ['frontEnds'],
    run: ({ observations, configs, given: { payloadOf, cpuCores, provenance } }) => ({
      frontEnds: new Map(
        configs.map((config) => {
          const { protocol } = provenance(config.name);
          const facts = { config, payload: payloadOf(config.name), cpuCores, protocol };
          return [config.name, fitFrontEnd(observations, facts)] as const;
        }),
      ),
    }),
  }),
  stage({
    name: 'a kilobyte of response',
    needs: ['observations', 'configs', 'given'],
    gives: ['responses'],
    run: ({ observations, configs, given: { payloadOf } }) => ({
      responses: new Map(
        configs.map(({ name }) => [name, fitResponse(observations, name, payloadOf(name))] as const),
      ),
    }),
  }),
  stage({
    name: 'waits for threads, as the load generator shows them',
    needs: ['observations', 'configs', 'given'],
    gives: ['threadWaits'],
    run: ({ observations, configs, given }) => ({
      threadWaits: fitThreadWaits(
        observations,
        configs.map(({ name }) => name),
        given.cpuCores,
      ),
    }),
  }),
];

const MEASURED_PAIRS = stage({
  name: 'slowdowns of pairs, as measured',
  needs: ['observations', 'threadWaits', 'computing', 'waiting'],
  gives: ['pairs'],
  run: (facts) => ({ pairs: measuredPairs(facts) }),
});

/** What follows from waits and slowdowns: all that a model is replayed with. */
const SERVED: readonly Stage<FitFacts>[] = [
  stage({
    name: 'interference',
    needs: ['observations', 'configs', 'threadWaits', 'computing', 'pairs'],
    gives: ['interference'],
    run: (facts) => ({ interference: interferenceOf(facts) }),
  }),
  stage({
    name: 'delays of threads and network',
    needs: ['observations', 'configs', 'given', 'threadWaits', 'frontEnds'],
    gives: ['delays'],
    run: ({ observations, configs, given, threadWaits, frontEnds }) => ({
      delays: fitDelays(observations, configs, {
        threadWaits,
        frontEndUs: (model) => frontEndUs(frontEnds.get(model)!, given.payloadOf(model)),
      }),
    }),
  }),
  stage({
    name: 'service time, spread, and what idling costs',
    needs: [
      ...(['observations', 'configs', 'given', 'computing', 'threadWaits', 'requestCpu'] as const),
      ...(['speedDrift', 'frontEnds', 'responses', 'interference', 'delays'] as const),
    ],
    gives: ['drafts'],
    run: ({ configs, ...facts }) => ({
      drafts: configs.map((config) => {
        const { name } = config;
        return draftOf(
          config,
          { ...facts.given, configs, observations: facts.observations },
          {
            delays: facts.delays,
            interference: facts.interference,
            requestCpu: facts.requestCpu.get(name)!,
            threadWaits: facts.computing.has(name) ? facts.threadWaits : undefined,
            speedDrift: facts.speedDrift.get(name),
            frontEnd: facts.frontEnds.get(name)!,
            response: facts.responses.get(name)!,
          },
        );
      }),
    }),
  }),
  stage({
    name: 'wake-up order, and what else the whole server shares',
    needs: ['observations', 'given', 'threadWaits', 'drafts'],
    gives: ['wakeUpOrder', 'shared'],
    run: ({ observations, given: { cpuCores }, threadWaits, drafts }) => {
      const wakeUpOrder = fitWakeUpOrder(observations, drafts);
      const shared = {
        ...wakeUpOrder.shared,
        ...(cpuCores !== undefined && { cpuCores }),
        ...(threadWaits !== undefined && { threadWaits }),
      };
      return { wakeUpOrder, shared };
    },
  }),
  stage({
    name: 'contention with front end and client, and the usual speed',
    needs: ['observations', 'drafts', 'shared'],
    gives: ['found', 'usual'],
    run: ({ observations, drafts, shared }) => {
      const found = drafts.map((draft) => {
        const { config, lone } = draft;
        const contention = contentionOf(observations, { config, profile: profileOf(draft, { shared }) });
        const drift = fitDrift(lone, config.name, profileOf(draft, { shared, contention }), {
          contendedPerRequestPerS: contention.perRequestPerS,
          isOnHost: isOnHost(config),
        });
        return { shared, contention, drift };
      });
      const usual = drafts.map((draft, i) => ({
        config: draft.config,
        profile: profileOf(draft, found[i]!),
      }));
      return { found, usual };
    },
  }),
];

const WAITS_BY_REPLAY: Repeat<FitFacts> = {
  name: 'waits for threads, by replays of pairs',
  refine: stage({
    name: 'waits for threads, by replays of pairs',
    needs: [
      ...(['observations', 'configs', 'given', 'computing', 'waiting', 'requestCpu'] as const),
      ...(['frontEnds', 'threadWaits', 'usual'] as const),
    ],
    gives: ['threadWaits'],
    run: (facts) => ({ threadWaits: refinedWaits(facts) }),
  }),
  again: [MEASURED_PAIRS, ...SERVED],
  until: (_, { threadWaits }) => threadWaits === undefined,
  most: 1,
};

const SLOWDOWNS_BY_REPLAY: Repeat<FitFacts> = {
  name: 'slowdowns of pairs, by replays',
  refine: stage({
    name: 'slowdowns of pairs, by replays',
    needs: ['observations', 'usual', 'pairs'],
    gives: ['pairs'],
    run: ({ observations, usual, pairs }) => ({ pairs: refineSlowdowns(observations, usual, pairs) }),
  }),
  again: SERVED,
  until: (before, after) => after.pairs.every((pair, i) => pair === before.pairs[i]),
  most: 3,
};

/** Profiles, and how well they hold: replays of all points, with the service-speed drift that no fit has. */
const EVIDENCE: readonly Stage<FitFacts>[] = [
  stage({
    name: 'replays beside what was measured',
    needs: ['observations', 'drafts', 'found', 'speedDrift', 'wakeUpOrder', 'delays'],
    gives: ['models'],
    run: (facts) => ({ models: modelFits(facts) }),
  }),
  stage({
    name: 'profiles',
    needs: ['drafts', 'found', 'speedDrift', 'models'],
    gives: ['profiles'],
    run: (facts) => ({ profiles: finalProfiles(facts) }),
  }),
  stage({
    name: 'what is not known',
    needs: [
      ...(['observations', 'configs', 'missing', 'waiting', 'frontEnds', 'responses'] as const),
      ...(['delays', 'wakeUpOrder', 'profiles'] as const),
    ],
    gives: ['uncertain', 'unidentified'],
    run: ({ configs, missing, observations, profiles, waiting, wakeUpOrder, ...found }) => ({
      uncertain: uncertainties({
        ...{ configs, missing, observations, profiles },
        measuredModels: found.delays.measuredModels,
        racing: wakeUpOrder.points.map(({ config }) => config),
      }),
      unidentified: [
        ...[...found.frontEnds.values(), ...found.responses.values()].flatMap((each) => each.unidentified),
        ...unidentifiedOf({
          served: configs.map((config, i) => ({ config, profile: profiles[i]! })),
          ...{ observations, waiting, wakeUpDeviation: wakeUpOrder.deviation },
        }),
      ],
    }),
  }),
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
