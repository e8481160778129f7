import { describeSpread } from '../../profile/describe.js';
import type { ModelProfile, Provenance, Spread } from '../../profile/profile.js';
import { totalMs } from '../../profile/service-time.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { takesSingles } from '../as-measured.js';
import { activeInstances, instancesSideBySide, isOnHost } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import type { FitFacts } from './facts.js';
import { withoutItself } from './interference/beside-itself.js';
import { fitPauses } from './pauses/fit-pauses.js';
import { fitWaitingSpread, HELD_UP } from './pauses/waiting-spread.js';
import { hundredths, tenths } from './rounding.js';
import { fitPhasesByRate } from './service/phases-by-rate.js';
import { fitService, type ServiceFit, type ServiceResidual } from './service/service.js';
import { fitModelSpread } from './service/spread.js';
import type { DelayFit } from './threads/delays.js';
import { fitHostCores } from './threads/host-cores.js';
import { KILOBYTE } from './threads/per-kilobyte.js';

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

/** A profile, as fast as the machine was under its dense loads, to which what the whole server shares is missing. */
export interface Draft {
  readonly config: ModelConfig;
  readonly profile: ModelProfile;
  /** What was observed, as if one instance had served. */
  readonly lone: readonly Observation[];
  readonly residuals: readonly ServiceResidual[];
}

/** What was fitted for all models of the server before. */
type DraftFacts = Pick<
  FitFacts,
  | 'observations'
  | 'given'
  | 'computing'
  | 'threadWaits'
  | 'requestCpu'
  | 'speedDrift'
  | 'frontEnds'
  | 'responses'
  | 'interference'
  | 'delays'
>;

/** Fits one model: service times, what pauses cost, spread, and what it takes of the host; the rest is of the whole server. */
export function draftOf(config: ModelConfig, { observations, given, delays, ...facts }: DraftFacts): Draft {
  const { name } = config;
  const { deviceOf, provenance, payloadOf, cpuCores } = given;
  const impact = facts.interference.of(name);
  const speedDrift = facts.speedDrift.get(name);
  const { perRequestUs, perKilobyteUs } = facts.frontEnds.get(name)!;
  const batcher = config.dynamicBatching && { delayUs: config.dynamicBatching.maxQueueDelayUs };
  const instances = instancesSideBySide(config);
  const devices = activeInstances(config) / instances;
  const self = impact.self ?? 1;
  const threadWaits = facts.computing.has(name) ? facts.threadWaits : undefined;
  const lone = withoutItself(observations, name, { instances, devices, self, batcher, threadWaits });
  const fit = fitService(lone, name, {
    inferAlone: instances > 1 && !isOnHost(config),
    loadsShowSizes: takesSingles(config),
  });
  const hostCores = { input: 0, infer: fitHostCores(observations, name, cpuCores), output: 0, response: 0 };
  const computes = hostCores.infer > 0;
  // What only waits on the host finds nothing colder after a pause.
  const waits = !computes && isOnHost(config);
  const { service = fit.service, ...pauses } = waits ? {} : (fitPauses(lone, name, fit.service) ?? {});
  const { responsePerRequestUs } = fit;
  const phasesByRate = fitPhasesByRate(lone, name, {
    service,
    responsePerRequestUs,
    hasPauses: !waits,
  });
  const profile: ModelProfile = {
    format: 'perseus-profile/1',
    model: name,
    device: deviceOf(name),
    provenance: provenance(name),
    service,
    perRequest: { inputUs: hundredths(fit.perRequestInputUs) },
    ...pauses,
    spread: waits ? waitingSpread(lone, config, fit) : fitModelSpread(observations, name, speedDrift),
    response: responseOf(name, delays, {
      responsePerRequestUs,
      ...payloadOf(name),
      perKilobyteUs: facts.responses.get(name)!.perKilobyteUs,
    }),
    frontEnd: { perRequestUs, perKilobyteUs },
    hostCores,
    payload: payloadOf(name),
    memory: memoryOf(observations, config),
    load: loadOf(observations, name),
    interference: impact,
    serving: {
      ...servingOf(payloadOf(name), delays),
      ...delays.networkDelays.get(name)!,
      ...(phasesByRate !== undefined && { phasesByRate }),
      ...facts.requestCpu.get(name)!,
      batcherWinsShare: 0,
    },
    region: regionOf(observations, config, fit, deviceOf(name)),
  };
  return { config, profile, lone, residuals: fit.residuals };
}

interface ResponseFacts {
  readonly responsePerRequestUs: number;
  readonly perKilobyteUs: number;
  readonly responseBytes: number;
}

function responseOf(
  model: string,
  { afterExecutionUs, releaseUs }: DelayFit,
  { responsePerRequestUs, perKilobyteUs, responseBytes }: ResponseFacts,
): ModelProfile['response'] {
  const releasedUs = releaseUs.get(model) ?? 0;
  // Measured of responses of one inference, their kilobytes included.
  const ofOneUs = (perKilobyteUs * responseBytes) / KILOBYTE;
  return {
    fixedUs: afterExecutionUs.get(model) ?? 0,
    perRequestUs: hundredths(Math.max(0, responsePerRequestUs - ofOneUs)),
    perKilobyteUs,
    ...(releasedUs > 0 && { releaseUs: releasedUs }),
  };
}

/** One Triton process runs its instances in streams, on a GPU or on a slice of one. */
const MIG_SLICE = /\bMIG\b/;

function regionOf(
  observations: readonly Observation[],
  config: ModelConfig,
  { service }: ServiceFit,
  device: string,
): ModelProfile['region'] {
  return {
    batchSizes: service.map(({ batchSize }) => batchSize),
    maxUtilization: busiestShare(observations, config.name),
    maxInstances: instancesSideBySide(config),
    sharing: ['exclusive', 'streams', ...(MIG_SLICE.test(device) ? ['mig'] : [])],
  };
}

/** Largest share of its time for which any load kept the model busy. */
function busiestShare(observations: readonly Observation[], model: string): number {
  const shares = observations.flatMap(({ experiment }) => {
    if (experiment.kind === 'together' && experiment.other === model) return [experiment.busyShare];
    if (experiment.model !== model) return [];
    if (experiment.kind === 'poisson') return [experiment.loadShare];
    return experiment.kind === 'alone' || experiment.kind === 'together' ? [experiment.busyShare] : [];
  });
  return Math.max(0, ...shares);
}

function waitingSpread(
  observations: readonly Observation[],
  config: ModelConfig,
  { service: [single], responsePerRequestUs }: ServiceFit,
): ModelProfile['spread'] {
  const executionUs = 1000 * totalMs(single!) + responsePerRequestUs;
  const ofClosedLoop = fitModelSpread(observations, config.name);
  if (isWide(ofClosedLoop)) return ofClosedLoop;
  return fitWaitingSpread(observations, config, executionUs) ?? ofClosedLoop;
}

/**
 * Whether executions scatter so much that what reading the statistics adds to those of a single client is little. Sparse loads show
 * less of it: few of the long executions stay alone. The longest do not count: something may have held them up.
 */
function isWide(spread: Spread): boolean {
  if (spread.law !== 'empirical') return describeSpread(spread).cv > WIDE;
  const ratios = spread.ratios.slice(0, Math.ceil((1 - HELD_UP) * spread.ratios.length));
  return describeSpread({ law: 'empirical', ratios }).cv > WIDE;
}

const WIDE = 0.3;

/**
 * What a usual client takes of a kilobyte that it sends, beyond perseus' own, which sends the same bytes again and again:
 * copies, and a turn of its threads whenever HTTP/2's window is full. perf_analyzer's requests of 8, 49 and 110 KB took 0.14,
 * 0.2 and 0.3 ms longer on their way, those of a few bytes 0.04 to 0.1 ms (`npm run reproduce:cross-check`). Large ones stall in
 * its windows under either client: by turns with perseus' own, those of 600 KB took 0.42 to 0.5 ms longer (p10 and p25, twice).
 */
const CLIENT_US_PER_KB = 2;
const FURTHER_US_PER_KB = 0.5;
const FURTHER_FROM_KB = 110;

function servingOf({ requestBytes }: ModelProfile['payload'], { serving }: DelayFit): DelayFit['serving'] {
  return { ...serving, clientUs: tenths((serving.clientUs ?? 0) + clientOfPayloadUs(requestBytes / 1000)) };
}

/** What sending so much takes a usual client longer than perseus' own. */
export function clientOfPayloadUs(kilobytes: number): number {
  const first = Math.min(kilobytes, FURTHER_FROM_KB);
  return CLIENT_US_PER_KB * first + FURTHER_US_PER_KB * (kilobytes - first);
}

/** What came with the instances together, as if each needed its own: what they share on a device, one loading does not tell. */
function memoryOf(observations: readonly Observation[], config: ModelConfig): ModelProfile['memory'] {
  const memoryMb = observationsOf(observations, 'load', config.name)[0]?.load?.memoryMb;
  return {
    modelMb: 0,
    perInstanceMb: tenths((memoryMb ?? 0) / activeInstances(config)),
    known: memoryMb !== undefined,
  };
}

function loadOf(observations: readonly Observation[], model: string): ModelProfile['load'] {
  const load = observationsOf(observations, 'load', model)[0]?.load;
  return {
    loadMs: load?.loadMs ?? 0,
    unloadMs: load?.unloadMs ?? 0,
    firstInferenceMs: load?.firstInferenceMs ?? 0,
  };
}
