import type { ModelProfile, Provenance, Serving, ThreadWaits } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { activeInstances, isOnHost } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import { fitAfterExecution, withAfterExecution } from './after-execution.js';
import { withoutItself } from './beside-itself.js';
import { contentionOf, withoutContention } from './contention.js';
import { type DelayFit, fitDelays } from './delays.js';
import { fitDrift, withDrift } from './drift.js';
import { computingModels, fitHostCores } from './host-cores.js';
import { fitInterference, type InterferenceFit, type PairFit } from './interference.js';
import { fitPauses } from './pauses/fit-pauses.js';
import { idleSamples } from './pauses/idle-line.js';
import { fitWaitingSpread } from './pauses/paused-spread.js';
import { fitPhasesByRate } from './phases-by-rate.js';
import { fitWinsShares, showsTheRace } from './race.js';
import { type ReplayFit, soloReplays, togetherReplays } from './replay-fits.js';
import { fitRequestCpu } from './request-cpu.js';
import { hundredths, tenths } from './rounding.js';
import { fitService, type ServiceFit, type ServiceResidual } from './service.js';
import { fitModelSpread } from './spread.js';
import { summaryOf } from './summary.js';
import { fitThreadWaits } from './thread-waits.js';
import { uncertainties } from './uncertain.js';
import { refineThreadWaits } from './waits-by-replay.js';
import { fitWay, type WayFit } from './way.js';

export interface FitInput {
  readonly configs: readonly ModelConfig[];
  readonly observations: readonly Observation[];
  readonly provenance: (model: string) => Provenance;
  /** Device kind under which the profile of a model is filed: `CPU`, `Tesla T4` … */
  readonly deviceOf: (model: string) => string;
  /** Bytes of a request and a response per inference. */
  readonly payloadOf: (model: string) => ModelProfile['payload'];
  /** Cores of the server's host, where they are known. */
  readonly cpuCores?: number;
}

/** Profiles and the evidence for them. */
export interface CalibrationFit {
  readonly profiles: readonly ModelProfile[];
  readonly models: readonly ModelFit[];
  readonly pairs: readonly PairFit[];
  /** How the server's threads behave; the way to it is each model's own. */
  readonly serving: Omit<Serving, keyof WayFit>;
  /** What was assumed instead of measured, one sentence each. */
  readonly uncertain: readonly string[];
}

export interface ModelFit {
  readonly model: string;
  readonly way: WayFit;
  readonly residuals: readonly ServiceResidual[];
  /** Open-loop points: measured beside what the profile gives for the same arrivals. */
  readonly replays: readonly ReplayFit[];
}

/**
 * Turns the points of a calibration into profiles. Deterministic: the same points give the same bytes.
 * Models without a sequential point are left out and named.
 */
export function fitProfiles(input: FitInput): CalibrationFit {
  const { observations } = input;
  const configs = input.configs.filter(
    ({ name }) => observationsOf(observations, 'sequential', name).length > 0,
  );
  const names = configs.map(({ name }) => name);
  const computing = computingModels(observations, names);
  const expected = fitThreadWaits(observations, names, input.cpuCores);
  const fit = fitUnder(expected, configs, input, computing);
  if (expected === undefined) return fit;
  const servedUnder = (threadWaits: ThreadWaits) => {
    const interference = interferenceUnder(threadWaits, observations, computing);
    return configs.map((config, i) => {
      const profile = fit.profiles[i]!;
      const way = fitWay(observations, config.name, { computing, threadWaits });
      const serving = { ...profile.serving!, ...way, threadWaits };
      return { config, profile: { ...profile, serving, interference: interference.of(config.name) } };
    });
  };
  return fitUnder(refineThreadWaits(observations, servedUnder, expected), configs, input, computing);
}

function interferenceUnder(
  threadWaits: ThreadWaits | undefined,
  observations: readonly Observation[],
  computing: ReadonlySet<string>,
): InterferenceFit {
  return fitInterference(observations, (beside) => (computing.has(beside) ? threadWaits : undefined));
}

/** All but what threads wait, under which the way and the slowdowns are less than what was measured as a whole. */
function fitUnder(
  threadWaits: ThreadWaits | undefined,
  configs: readonly ModelConfig[],
  input: FitInput,
  computing: ReadonlySet<string>,
): CalibrationFit {
  const { observations } = input;
  const missing = input.configs.filter((config) => !configs.includes(config));
  const delays = fitDelays(observations, configs, threadWaits);
  const interference = interferenceUnder(threadWaits, observations, computing);
  const drafts = configs.map((config) => {
    const waits = computing.has(config.name) ? threadWaits : undefined;
    return draftOf(config, input, { delays, interference, threadWaits: waits });
  });
  const racing = drafts.flatMap((draft) => racingPoint(draft, observations));
  const shared = {
    ...fitWinsShares(racing),
    ...(input.cpuCores !== undefined && { cpuCores: input.cpuCores }),
    ...(threadWaits !== undefined && { threadWaits }),
  };
  const fittedOn = new Set(racing.map(({ observation }) => observation.experiment.id));
  const raced = drafts.map(({ config, profile: draft, lone, residuals }) => {
    const contended = { ...draft, serving: { ...draft.serving!, ...shared } };
    const contention = contentionOf(observations, { config, profile: contended });
    const profile = withoutContention(contended, contention);
    const drift = fitDrift(lone, config.name, profile, contention.perRequestPerS);
    return { config, residuals, profile, drift };
  });
  const usual = raced.map(({ config, profile, drift }) => {
    const points = observationsOf(observations, 'poisson', config.name);
    const fitted = withAfterExecution(profile, fitAfterExecution(points, config, profile));
    return withDrift(fitted, drift);
  });
  const beside = togetherReplays(
    observations,
    configs.map((config, i) => ({ config, profile: usual[i]! })),
  );
  const models = raced.map(
    ({ config, profile, residuals, drift }, i): ModelFit => ({
      model: config.name,
      way: delays.ways.get(config.name)!,
      residuals,
      replays: [
        ...soloReplays(observations, { config, profile, drift, usual: usual[i]! }, fittedOn),
        ...beside.get(config.name)!,
      ],
    }),
  );
  const drafted = usual.map((profile, i) => ({ ...profile, fit: summaryOf(profile, models[i]!) }));
  return {
    profiles: drafted,
    models,
    pairs: interference.pairs,
    serving: { ...delays.serving, ...shared },
    uncertain: uncertainties({
      configs,
      missing,
      observations,
      profiles: drafted,
      measuredModels: delays.measuredModels,
      racing: racing.map(({ config }) => config),
    }),
  };
}

/** A profile, as fast as the machine was under its dense loads, to which what the whole server shares is missing. */
interface Draft {
  readonly config: ModelConfig;
  readonly profile: ModelProfile;
  /** What was observed, as if one instance had served. */
  readonly lone: readonly Observation[];
  readonly residuals: readonly ServiceResidual[];
}

/** What was fitted for all models of the server before. */
interface SharedFits {
  readonly delays: DelayFit;
  readonly interference: InterferenceFit;
  /** What threads wait for cores on which this model computes. */
  readonly threadWaits: ThreadWaits | undefined;
}

function draftOf(
  config: ModelConfig,
  { observations, deviceOf, provenance, payloadOf, cpuCores }: FitInput,
  { delays, interference, threadWaits }: SharedFits,
): Draft {
  const { name } = config;
  const impact = interference.of(name);
  const instances = activeInstances(config);
  const lone = withoutItself(observations, name, { instances, self: impact.self ?? 1, threadWaits });
  const fit = fitService(lone, name);
  const way = delays.ways.get(name)!;
  const hostCores = { input: 0, infer: fitHostCores(observations, name), output: 0, response: 0 };
  const computes = hostCores.infer > 0;
  // What only waits on the host finds nothing colder after a pause.
  const waits = !computes && isOnHost(config);
  const wayUs = way.requestDelayUs + way.responseDelayUs;
  const { service = fit.service, ...pauses } =
    (!waits && fitPauses(lone, config, fit, { us: wayUs, byRate: way.wayByRate })) || {};
  const { responsePerRequestUs } = fit;
  const phasesByRate = fitPhasesByRate(lone, name, { service, responsePerRequestUs, computes });
  const profile: ModelProfile = {
    format: 'perseus-profile/1',
    model: name,
    device: deviceOf(name),
    provenance: provenance(name),
    service,
    perRequest: rounded(fit.perRequest),
    ...pauses,
    spread: waits ? waitingSpread(lone, config, fit) : fitModelSpread(observations, name),
    response: {
      fixedUs: delays.afterExecutionUs.get(name) ?? 0,
      perRequestUs: hundredths(responsePerRequestUs),
      perKilobyteUs: 0,
    },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    hostCores,
    payload: payloadOf(name),
    memory: memoryOf(observations, name),
    load: loadOf(observations, name),
    interference: impact,
    serving: {
      ...servingOf(payloadOf(name), delays),
      ...way,
      ...(phasesByRate !== undefined && { phasesByRate }),
      ...fitRequestCpu(observations, name, { cores: cpuCores, computes }),
      batcherWinsShare: 0,
    },
    region: {
      batchSizes: fit.service.map(({ batchSize }) => batchSize),
      maxUtilization: 0.75,
      maxInstances: instances,
      sharing: ['exclusive', 'streams'],
    },
  };
  return { config, profile, lone, residuals: fit.residuals };
}

function waitingSpread(
  observations: readonly Observation[],
  config: ModelConfig,
  { service: [single], responsePerRequestUs }: ServiceFit,
): ModelProfile['spread'] {
  const { inputMs, inferMs, outputMs } = single!;
  const executionUs = 1000 * (inputMs + inferMs + outputMs) + responsePerRequestUs;
  return (
    fitWaitingSpread(
      idleSamples(observations, config, () => 0),
      executionUs,
    ) ?? fitModelSpread(observations, config.name)
  );
}

/**
 * What a usual client takes of a kilobyte that it sends, beyond perseus' own, which sends the same bytes again and again:
 * copies, and a turn of its threads whenever HTTP/2's window is full. perf_analyzer's requests of 8, 49 and 110 KB took 0.14,
 * 0.2 and 0.3 ms longer on their way, those of a few bytes 0.04 to 0.1 ms (`npm run reproduce:yardstick`).
 */
const CLIENT_US_PER_KB = 2;

function servingOf({ requestBytes }: ModelProfile['payload'], { serving }: DelayFit): DelayFit['serving'] {
  return { ...serving, clientUs: tenths((serving.clientUs ?? 0) + (CLIENT_US_PER_KB * requestBytes) / 1000) };
}

/** The first open-loop point of a model whose configuration shows the race; at most one. */
function racingPoint({ config, profile }: Draft, observations: readonly Observation[]) {
  if (!showsTheRace(config)) return [];
  return observationsOf(observations, 'poisson', config.name)
    .slice(0, 1)
    .map((observation) => ({ observation, config, profile }));
}

function memoryOf(observations: readonly Observation[], model: string): ModelProfile['memory'] {
  const memoryMb = observationsOf(observations, 'load', model)[0]?.load?.memoryMb;
  return { modelMb: memoryMb ?? 0, perInstanceMb: 0, known: memoryMb !== undefined };
}

function loadOf(observations: readonly Observation[], model: string): ModelProfile['load'] {
  const load = observationsOf(observations, 'load', model)[0]?.load;
  return {
    loadMs: load?.loadMs ?? 0,
    unloadMs: load?.unloadMs ?? 0,
    firstInferenceMs: load?.firstInferenceMs ?? 0,
  };
}

function rounded({ inputUs, inferUs }: NonNullable<ModelProfile['perRequest']>) {
  return { inputUs: hundredths(inputUs), inferUs: hundredths(inferUs) };
}
