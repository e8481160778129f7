import type { LatencyErrors, ModelProfile, Provenance, Serving } from '../../profile/profile.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { activeInstances } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import { fitAfterExecution, withAfterExecution } from './after-execution.js';
import { fitAfterIdle } from './after-idle.js';
import { type DelayFit, fitDelays, type WayFit } from './delays.js';
import { type Drift, fitDrift, withDrift } from './drift.js';
import { fitHostCores } from './host-cores.js';
import { fitInterference, type InterferenceFit, type PairFit } from './interference.js';
import { fitWinsShares, showsTheRace, TYPICAL_SHARES } from './race.js';
import { measuredFigures, type ReplayFigures, replay } from './replay.js';
import { fitService, type ServiceResidual } from './service.js';
import { fitModelSpread } from './spread.js';

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

export interface ReplayFit {
  readonly id: string;
  readonly measured: ReplayFigures;
  readonly predicted: ReplayFigures;
  /** False for points that took part in the fit of the race; the time after an execution is then that of the other points. */
  readonly heldOut: boolean;
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
  const missing = input.configs.filter((config) => !configs.includes(config));
  const delays = fitDelays(observations, configs);
  const interference = fitInterference(observations);
  const drafts = configs.map((config) => draftOf(config, input, delays, interference));
  const racing = drafts.flatMap((draft) => racingPoint(draft, observations));
  const serving = {
    ...delays.serving,
    ...fitWinsShares(racing),
    ...(input.cpuCores !== undefined && { cpuCores: input.cpuCores }),
  };
  const fittedOn = new Set(racing.map(({ observation }) => observation.experiment.id));
  const raced = drafts.map((draft) => ({
    ...draft,
    profile: { ...draft.profile, serving: { ...draft.profile.serving!, ...serving } },
  }));
  const models = raced.map(({ config, profile, residuals }) => ({
    model: config.name,
    way: delays.ways.get(config.name)!,
    residuals,
    replays: replaysOf(observations, config, profile, fittedOn),
  }));
  const drafted = raced.map(({ config, profile, drift }, i) => {
    const points = observationsOf(observations, 'poisson', config.name);
    const fitted = withAfterExecution(profile, fitAfterExecution(points, config, profile));
    const usual = withDrift(fitted, drift);
    return { ...usual, fit: summaryOf(usual, models[i]!) };
  });
  return {
    profiles: drafted,
    models,
    pairs: interference.pairs,
    serving,
    uncertain: [
      ...missing.map(({ name }) => `${name} has no sequential point and no profile`),
      ...assumed(configs, delays.measuredModels, drafted),
      ...assumedSelves(configs, observations),
      ...assumedShares(racing.map(({ config }) => config)),
    ],
  };
}

/** A profile, as fast as the machine was when its points were measured, to which what the whole server shares is missing. */
interface Draft {
  readonly config: ModelConfig;
  readonly profile: ModelProfile;
  readonly drift: Drift;
  readonly residuals: readonly ServiceResidual[];
}

function draftOf(
  config: ModelConfig,
  { observations, deviceOf, provenance, payloadOf }: FitInput,
  delays: DelayFit,
  interference: InterferenceFit,
): Draft {
  const { name } = config;
  const fit = fitService(observations, name);
  const drift = fitDrift(observations, name);
  const afterIdle = fitAfterIdle(observations, name, 1000 * fit.service[0]!.inferMs, drift);
  const profile: ModelProfile = {
    format: 'perseus-profile/1',
    model: name,
    device: deviceOf(name),
    provenance: provenance(name),
    service: fit.service,
    perRequest: rounded(fit.perRequest),
    ...(afterIdle !== undefined && { afterIdle }),
    spread: fitModelSpread(observations, name),
    response: {
      fixedUs: delays.afterExecutionUs.get(name) ?? 0,
      perRequestUs: round(fit.responsePerRequestUs),
      perKilobyteUs: 0,
    },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    hostCores: { input: 0, infer: fitHostCores(observations, name), output: 0, response: 0 },
    payload: payloadOf(name),
    memory: memoryOf(observations, name),
    load: loadOf(observations, name),
    interference: interference.of(name),
    serving: { ...delays.serving, ...delays.ways.get(name)!, batcherWinsShare: 0 },
    region: {
      batchSizes: fit.service.map(({ batchSize }) => batchSize),
      maxUtilization: 0.75,
      maxInstances: activeInstances(config),
      sharing: ['exclusive', 'streams'],
    },
  };
  return { config, profile, drift, residuals: fit.residuals };
}

/** The first open-loop point of a model whose configuration shows the race; at most one. */
function racingPoint({ config, profile }: Draft, observations: readonly Observation[]) {
  if (!showsTheRace(config)) return [];
  return observationsOf(observations, 'poisson', config.name)
    .slice(0, 1)
    .map((observation) => ({ observation, config, profile }));
}

function replaysOf(
  observations: readonly Observation[],
  config: ModelConfig,
  profile: ModelProfile,
  fittedOn: ReadonlySet<string>,
): ReplayFit[] {
  const points = observationsOf(observations, 'poisson', config.name);
  return points.map((observation) => {
    const others = points.filter((each) => each !== observation);
    const candidate = withAfterExecution(profile, fitAfterExecution(others, config, profile));
    return {
      id: observation.experiment.id,
      measured: measuredFigures(observation),
      predicted: replay(observation, config, candidate),
      heldOut: !fittedOn.has(observation.experiment.id),
    };
  });
}

function summaryOf(
  profile: ModelProfile,
  { residuals, replays }: ModelFit,
): NonNullable<ModelProfile['fit']> {
  const errors = replays.map(({ measured, predicted }) =>
    Math.abs(100 * (predicted.meanUs / measured.meanUs - 1)),
  );
  const service = residuals.map(({ measuredUs, fittedUs }) => Math.abs(100 * (fittedUs / measuredUs - 1)));
  const all = errors.length > 0 ? errors : service;
  return {
    method: 'batch statistics, saturated cycle, replayed open-loop points (src/calibrate/fit)',
    points: profile.service.length + replays.length,
    heldOut: replays.filter(({ heldOut }) => heldOut).length,
    meanErrorPercent: round(all.reduce((sum, error) => sum + error, 0) / Math.max(1, all.length)),
    maxErrorPercent: round(Math.max(0, ...all)),
    ...(replays.length > 0 && { latencyErrorPercent: latencyErrors(replays) }),
  };
}

function latencyErrors(replays: readonly ReplayFit[]): LatencyErrors {
  const of = (key: 'meanUs' | 'p50Us' | 'p95Us' | 'p99Us') => {
    const squares = replays.map(
      ({ measured, predicted }) => (100 * (predicted[key] / measured[key] - 1)) ** 2,
    );
    return round(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length));
  };
  return { mean: of('meanUs'), p50: of('p50Us'), p95: of('p95Us'), p99: of('p99Us') };
}

function assumed(
  configs: readonly ModelConfig[],
  measured: readonly string[],
  profiles: readonly ModelProfile[],
): string[] {
  const cycles = configs.map(({ name }) => name).filter((name) => !measured.includes(name));
  const unmet = profiles.filter(({ interference }) => interference.pairs.length < configs.length - 1);
  return [
    ...(cycles.length > 0
      ? [
          `time after an execution of ${cycles.join(', ')}: not measured, the median of the other models is taken`,
        ]
      : []),
    ...(unmet.length > 0
      ? [
          `${unmet.map(({ model }) => model).join(', ')} did not meet every other model; sensitivity and pressure stand in`,
        ]
      : []),
  ];
}

function assumedSelves(configs: readonly ModelConfig[], observations: readonly Observation[]): string[] {
  const unmeasured = configs
    .filter((config) => activeInstances(config) === 1)
    .map(({ name }) => name)
    .filter((name) => observationsOf(observations, 'self', name).length === 0);
  if (unmeasured.length === 0) return [];
  return [
    `${unmeasured.join(', ')} served one instance: what a second one would cost it is guessed from how it met others (without others: nothing on host cores, fair halves on a GPU); --allow-load measures it`,
  ];
}

function assumedShares(racing: readonly ModelConfig[]): string[] {
  const { prefetching, lateBinding } = TYPICAL_SHARES;
  return [
    ...(racing.some(isPrefetching)
      ? []
      : [
          `which thread wins at the end of an execution shows only with a queue delay; ${prefetching.share} is taken from other servers`,
        ]),
    ...(racing.some((config) => !isPrefetching(config))
      ? []
      : [
          `which thread wins where payloads are bound late shows only with a queue policy; ${lateBinding.share} is taken from other servers`,
        ]),
  ];
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
  return { inputUs: round(inputUs), inferUs: round(inferUs) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
