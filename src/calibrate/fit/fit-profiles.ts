import type { GpuReading } from '../../live/server-metrics.js';
import type { ModelProfile, SpeedDrift } from '../../profile/profile.js';
import type { Serving, ThreadWaits } from '../../profile/serving.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { activeInstances, instancesSideBySide, isOnHost } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import { contentionOf, withoutContention } from './contention.js';
import { type DelayFit, fitDelays } from './delays.js';
import { type Draft, draftOf, type FitInput } from './draft-profile.js';
import { fitDrift, withDrift } from './drift.js';
import { type FrontEndFit, fitFrontEnd, frontEndUs } from './front-end.js';
import { computingModels, waitingModels } from './host-cores.js';
import {
  fitInterference,
  fitPairs,
  type InterferenceFit,
  type PairFit,
  withoutNoise,
} from './interference.js';
import { fitNetworkDelay, type NetworkDelayFit } from './network-delay.js';
import { howWellKnown, type KnownPair } from './pair-uncertainty.js';
import { type Fitted, isCompared, type ReplayFit, soloReplays, togetherReplays } from './replay-fits.js';
import type { ReplayedModel } from './replay-scenario.js';
import { fitRequestCpu, type RequestCpu } from './request-cpu.js';
import type { ServiceResidual } from './service.js';
import { refineSlowdowns } from './slowdowns-by-replay.js';
import { fitSpeedDrift, withSpeedDrift } from './speed-drift.js';
import { summaryOf } from './summary.js';
import { fitThreadWaits } from './thread-waits.js';
import { uncertainties } from './uncertain.js';
import { type Unidentified, unidentifiedOf } from './unidentified.js';
import { refineThreadWaits } from './waits-by-replay.js';
import { fitWakeUpOrder, type WakeUpOrderFit } from './wake-up-order.js';
import { withServing } from './with-serving.js';

/** Profiles and the evidence for them. */
export interface CalibrationFit {
  readonly profiles: readonly ModelProfile[];
  readonly models: readonly ModelFit[];
  readonly pairs: readonly KnownPair[];
  /** How the server's threads behave; the network delay to it is each model's own. */
  readonly serving: Omit<Serving, keyof NetworkDelayFit>;
  /** What was assumed instead of measured, one sentence each. */
  readonly uncertain: readonly string[];
  /** Parameters that the points do not tell. */
  readonly unidentified: readonly Unidentified[];
}

export interface ModelFit {
  readonly model: string;
  readonly networkDelay: NetworkDelayFit;
  readonly residuals: readonly ServiceResidual[];
  /** Open-loop points: measured beside what the profile gives for the same arrivals. */
  readonly replays: readonly ReplayFit[];
  /** The server's GPUs while the model was saturated with large batches, where its metrics were read. */
  readonly gpus?: readonly GpuReading[];
}

/**
 * Turns the points of a calibration into profiles. Deterministic: the same points give the same bytes.
 * Models without a sequential point are left out and named.
 */
export function fitProfiles(whole: FitInput): CalibrationFit {
  const input = { ...whole, observations: whole.observations.filter(wasAnswered) };
  const { observations } = input;
  const configs = input.configs.filter(
    ({ name }) => observationsOf(observations, 'sequential', name).length > 0,
  );
  const missing = input.configs.filter((config) => !configs.includes(config));
  const names = configs.map(({ name }) => name);
  const known = whatIsKnown({ ...input, configs });
  const under = (threadWaits: ThreadWaits | undefined, pairs?: readonly PairFit[]) =>
    fitUnder(threadWaits, interferenceUnder(threadWaits, known, pairs), known);
  const expected = fitThreadWaits(observations, names, input.cpuCores);
  const first = under(expected);
  const threadWaits = expected && refinedWaits(expected, first.usual, known);
  const fit = threadWaits === undefined ? first : under(threadWaits);
  let refined = fit;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { pairs } = refined.interference;
    const next = refineSlowdowns(observations, refined.usual, pairs);
    if (next.every((pair, i) => pair === pairs[i])) break;
    refined = under(threadWaits, next);
  }
  return withEvidence(refined, known, missing);
}

const MOST_ROUNDS = 3;

/** A sparse load of a slow model may be over before its first request came. */
function wasAnswered({ clients }: Observation): boolean {
  return clients.every(({ completed }) => completed > 0);
}

/** What was measured, of models that were, and which of them compute on the host's cores or only wait there. */
interface Known extends FitInput {
  readonly computing: ReadonlySet<string>;
  readonly waiting: ReadonlySet<string>;
  /** How the speed of the machine comes and goes, by model that computes. */
  readonly speedDrift: ReadonlyMap<string, SpeedDrift>;
  /** What requests and executions take of the server's cores, by model. */
  readonly requestCpu: ReadonlyMap<string, RequestCpu>;
  readonly frontEnds: ReadonlyMap<string, FrontEndFit>;
  /** What the front end takes of a request of one inference, by model. */
  readonly frontEndUs: (model: string) => number;
}

function whatIsKnown(input: FitInput): Known {
  const { observations, configs, cpuCores } = input;
  const names = configs.map(({ name }) => name);
  const computing = computingModels(observations, names);
  const cpuOf = (name: string) =>
    fitRequestCpu(observations, name, { cores: cpuCores, computes: computing.has(name) });
  const requestCpu = new Map(names.map((name) => [name, cpuOf(name)]));
  const waiting = waitingModels(observations, configs);
  const frontEnds = new Map(
    configs.map((config) => {
      const facts = { config, payload: input.payloadOf(config.name), cpuCores };
      return [config.name, fitFrontEnd(observations, facts)] as const;
    }),
  );
  return {
    ...input,
    frontEnds,
    frontEndUs: (model) => frontEndUs(frontEnds.get(model)!, input.payloadOf(model)),
    computing,
    waiting,
    speedDrift: fitSpeedDrift(
      observations,
      names.filter((name) => !waiting.has(name)),
    ),
    requestCpu,
  };
}

/**
 * What threads wait, from replays in which the network delay and the slowdowns are fitted anew without it: as measured they hold some of
 * it.
 */
function refinedWaits(expected: ThreadWaits, fitted: readonly ReplayedModel[], known: Known): ThreadWaits {
  const { observations, computing, frontEndUs } = known;
  const servedUnder = (threadWaits: ThreadWaits) => {
    const interference = interferenceUnder(threadWaits, known);
    return fitted.map(({ config, profile }) => {
      const { name } = config;
      const networkDelay = fitNetworkDelay(observations, name, {
        computing,
        threadWaits,
        frontEndUs: frontEndUs(name),
      });
      const met = { ...profile, interference: interference.of(name) };
      return { config, profile: withServing(met, { ...networkDelay, threadWaits }) };
    });
  };
  return refineThreadWaits(observations, servedUnder, expected);
}

function interferenceUnder(
  threadWaits: ThreadWaits | undefined,
  { observations, configs, computing, waiting, requestCpu }: Known,
  pairs?: readonly PairFit[],
): InterferenceFit {
  const waitsBeside = (model: string) => (computing.has(model) ? threadWaits : undefined);
  return fitInterference(
    observations,
    {
      threadWaits: waitsBeside,
      requestCpu: (model) => requestCpu.get(model),
      devices: (model) => devicesOf(configs.find(({ name }) => name === model)),
    },
    pairs ?? withoutNoise(fitPairs(observations, waitsBeside), waiting),
  );
}

/** Devices that the instances of a model are spread over evenly. */
function devicesOf(config: ModelConfig | undefined): number {
  return config === undefined ? 1 : activeInstances(config) / instancesSideBySide(config);
}

/** What is fitted of a server under certain waits and slowdowns, before it is compared with what was measured. */
interface ServerFit {
  readonly delays: DelayFit;
  readonly interference: InterferenceFit;
  readonly wakeUpOrder: WakeUpOrderFit;
  /** Figures of the whole server. */
  readonly shared: WakeUpOrderFit['shared'] & Pick<Serving, 'cpuCores' | 'threadWaits'>;
  readonly settled: readonly Settled[];
  /** The models as fast as the machine usually is. */
  readonly usual: readonly ReplayedModel[];
}

/** All but what threads wait, under which the network delay and the slowdowns are less than what was measured as a whole. */
function fitUnder(
  threadWaits: ThreadWaits | undefined,
  interference: InterferenceFit,
  known: Known,
): ServerFit {
  const { observations, configs, computing, cpuCores } = known;
  const delays = fitDelays(observations, configs, { threadWaits, frontEndUs: known.frontEndUs });
  const drafts = configs.map((config) => {
    const waits = computing.has(config.name) ? threadWaits : undefined;
    const requestCpu = known.requestCpu.get(config.name)!;
    return draftOf(config, known, {
      ...{ delays, interference, requestCpu, threadWaits: waits },
      speedDrift: known.speedDrift.get(config.name),
      frontEnd: known.frontEnds.get(config.name)!,
    });
  });
  const wakeUpOrder = fitWakeUpOrder(observations, drafts);
  const shared = {
    ...wakeUpOrder.shared,
    ...(cpuCores !== undefined && { cpuCores }),
    ...(threadWaits !== undefined && { threadWaits }),
  };
  const settled = drafts.map((draft) => settle(draft, shared, observations));
  const usual = settled.map((each) => ({ config: each.config, profile: each.usual }));
  return { delays, interference, wakeUpOrder, shared, settled, usual };
}

/**
 * Profiles beside what was measured: how far a fit holds, and what was assumed for it. With the speed drift of the machine, which no fit
 * has: what is fitted to replays would follow the ups and downs of their seed.
 */
function withEvidence(
  { delays, interference, wakeUpOrder, shared, settled, usual }: ServerFit,
  { observations, configs, waiting, speedDrift, frontEnds }: Known,
  missing: readonly ModelConfig[],
): CalibrationFit {
  const paced = usual.map(({ config, profile }) => ({
    config,
    profile: withSpeedDrift(profile, speedDrift.get(config.name)),
  }));
  const fittedOn = new Set(wakeUpOrder.points.map(({ observation }) => observation.experiment.id));
  const beside = togetherReplays(observations, paced);
  const models = settled.map(({ residuals, ...fitted }): ModelFit => {
    const { name } = fitted.config;
    const [saturated] = observationsOf(observations, 'saturated', name);
    const replays = [
      ...soloReplays(observations, { ...fitted, speedDrift: speedDrift.get(name) }, fittedOn),
      ...beside.get(name)!,
    ];
    return {
      model: name,
      networkDelay: delays.networkDelays.get(name)!,
      residuals,
      replays: replays.filter(isCompared),
      ...(saturated?.gpus !== undefined && { gpus: saturated.gpus }),
    };
  });
  const profiles = paced.map(({ profile }, i): ModelProfile => {
    const summary = summaryOf(profile, models[i]!);
    return { ...profile, ...(summary !== undefined && { fit: summary }) };
  });
  return {
    profiles,
    models,
    unidentified: [
      ...[...frontEnds.values()].flatMap((each) => each.unidentified),
      ...unidentifiedOf({ served: paced, observations, waiting, wakeUpDeviation: wakeUpOrder.deviation }),
    ],
    pairs: interference.pairs.map((pair) => howWellKnown(pair, observations, waiting)),
    serving: { ...delays.serving, ...shared },
    uncertain: uncertainties({
      configs,
      missing,
      observations,
      profiles,
      measuredModels: delays.measuredModels,
      racing: wakeUpOrder.points.map(({ config }) => config),
    }),
  };
}

type Settled = Fitted & Pick<Draft, 'residuals'>;

/** With what the whole server shares: as if nothing else needed its cores, and as fast as the machine usually is. */
function settle(
  { config, profile: draft, lone, residuals }: Draft,
  shared: Partial<Serving>,
  observations: readonly Observation[],
): Settled {
  const contended = withServing(draft, shared);
  const contention = contentionOf(observations, { config, profile: contended });
  const profile = withoutContention(contended, contention);
  const drift = fitDrift(lone, config.name, profile, {
    contendedPerRequestPerS: contention.perRequestPerS,
    isOnHost: isOnHost(config),
  });
  return { config, residuals, profile, drift, usual: withDrift(profile, drift) };
}
