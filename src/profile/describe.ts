import { plural } from '../base/plural.js';
import { inspectProfile } from './inspect.js';
import type { ModelProfile, Spread } from './profile.js';
import { totalMs } from './service-time.js';
import { SPREAD_LAWS } from './spread-laws.js';

/** What a profile says, as plain data for a table, JSON or a page. */
export interface ProfileDescription {
  readonly model: string;
  readonly device: string;
  /** Name and value, the facts of the source in the order in which they are read. */
  readonly provenance: readonly (readonly [name: string, value: string])[];
  readonly service: readonly ServiceRow[];
  readonly spread: SpreadDescription;
  /** Costs besides the three phases; those that the profile puts at 0 are left out. */
  readonly otherCosts: readonly (readonly [name: string, value: number])[];
  readonly interference: readonly (readonly [beside: string, slowdown: number])[];
  /** Sentences: inside which bounds predictions from this profile rest on measurements. */
  readonly trusted: readonly string[];
  /** Sentences: what looks odd or is not known. */
  readonly remarks: readonly string[];
}

export interface ServiceRow {
  readonly batchSize: number;
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
  readonly totalMs: number;
  /** Inferences per second of one instance that is never idle. */
  readonly inferencesPerSecond: number;
}

export interface SpreadDescription {
  readonly law: Spread['law'];
  readonly cv: number;
  /** Quantiles of the service time as multiples of its mean. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What a reader wants to know of a profile, as rows and sentences. */
export function describeProfile(profile: ModelProfile): ProfileDescription {
  return {
    model: profile.model,
    device: profile.device,
    provenance: provenanceRows(profile),
    service: serviceRows(profile),
    spread: describeSpread(profile.spread),
    otherCosts: otherCosts(profile),
    interference: interferenceRows(profile),
    trusted: trusted(profile),
    remarks: inspectProfile(profile),
  };
}

function provenanceRows({ provenance }: ModelProfile): readonly (readonly [string, string])[] {
  return [
    ['source', provenance.source],
    ['licence', provenance.licence],
    ['date', provenance.date],
    ['GPU', provenance.gpu],
    ['driver', provenance.driver],
    ['server', provenance.serverVersion],
    ['backend', provenance.backend],
    ['precision', provenance.precision],
    ['notes', provenance.notes],
  ];
}

function serviceRows(profile: ModelProfile): readonly ServiceRow[] {
  return profile.service.map((point) => {
    const { batchSize, inputMs, inferMs, outputMs } = point;
    const occupiedMs = totalMs(point) + requestsMs(profile, batchSize);
    return {
      batchSize,
      inputMs,
      inferMs,
      outputMs,
      totalMs: totalMs(point),
      inferencesPerSecond: (1000 * batchSize) / occupiedMs,
    };
  });
}

/** What the requests of an execution take besides its phases, and their responses; here each of them carries one inference. */
function requestsMs(profile: ModelProfile, requests: number): number {
  const { perRequest = NO_FURTHER_COST, response, payload } = profile;
  const perRequestUs = response.perRequestUs + (response.perKilobyteUs * payload.responseBytes) / 1024;
  const responsesUs = response.fixedUs + requests * (perRequestUs + (response.releaseUs ?? 0));
  return (responsesUs + (requests - 1) * perRequest.inputUs) / 1000;
}

/** What each further request of an execution adds where a profile does not say. */
const NO_FURTHER_COST = { inputUs: 0 };

/** A spread as its coefficient of variation and quantiles, whatever its law. */
export function describeSpread(spread: Spread): SpreadDescription {
  if (spread.law === 'none') return { law: 'none', cv: 0, p50: 1, p95: 1, p99: 1 };
  if (spread.law === 'empirical') return describeRatios(spread.ratios);
  const { law, cv } = spread;
  if (cv === 0) return { law, cv, p50: 1, p95: 1, p99: 1 };
  const { quantile } = SPREAD_LAWS[law];
  return { law, cv, p50: quantile(cv, 0.5), p95: quantile(cv, 0.95), p99: quantile(cv, 0.99) };
}

function describeRatios(ratios: readonly number[]): SpreadDescription {
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - 1) ** 2, 0) / ratios.length;
  const at = (probability: number) =>
    ratios[Math.min(ratios.length - 1, Math.floor(probability * ratios.length))]!;
  return { law: 'empirical', cv: Math.sqrt(variance), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function otherCosts(profile: ModelProfile): readonly (readonly [string, number])[] {
  const { response, frontEnd, hostCores, payload, memory, load, perRequest = NO_FURTHER_COST } = profile;
  const rows: (readonly [string, number])[] = [
    ['input, per further request (us)', perRequest.inputUs],
    ['response, per execution (us)', response.fixedUs],
    ['response, per request (us)', response.perRequestUs],
    ['response, per kilobyte (us)', response.perKilobyteUs],
    ['giving back, per request (us)', response.releaseUs ?? 0],
    ['front end, per request (us)', frontEnd.perRequestUs],
    ['front end, per kilobyte (us)', frontEnd.perKilobyteUs],
    ['host cores during input', hostCores.input],
    ['host cores during infer', hostCores.infer],
    ['host cores during output', hostCores.output],
    ['host cores during response', hostCores.response],
    ['request payload (bytes per inference)', payload.requestBytes],
    ['response payload (bytes per inference)', payload.responseBytes],
    ['memory of the model (MiB)', memory.modelMb],
    ['memory of each instance (MiB)', memory.perInstanceMb],
    ['load (ms)', load.loadMs],
    ['unload (ms)', load.unloadMs],
    ['first inference (ms)', load.firstInferenceMs],
    ...pauseRows(profile),
    ...servingRows(profile.serving),
  ];
  return rows.filter(([, value]) => value > 0);
}

function pauseRows({
  linearIdlePenalty,
  logIdlePenalty,
  warmUpState,
  speedDrift,
}: ModelProfile): readonly (readonly [string, number])[] {
  return [
    ...(linearIdlePenalty === undefined
      ? []
      : ([
          [
            `infer, per ms idle from ${linearIdlePenalty.freeMs} to ${linearIdlePenalty.maxIdleMs} ms (ms)`,
            linearIdlePenalty.msPerIdleMs,
          ],
        ] as const)),
    ...(logIdlePenalty === undefined
      ? []
      : ([
          [
            `infer, each time it idled twice as long, from ${logIdlePenalty.fromMs} ms (us)`,
            1000 * logIdlePenalty.inferMsPerDoubling,
          ],
        ] as const)),
    ...(warmUpState === undefined
      ? []
      : ([
          [
            `speed when cold, part of that when warm (time constant ${warmUpState.timeConstantMs} ms, power ${warmUpState.power ?? 1})`,
            warmUpState.coldSpeed,
          ],
        ] as const)),
    ...(speedDrift === undefined
      ? []
      : ([
          [`CV of the machine's speed drift (time constant ${speedDrift.timeConstantMs} ms)`, speedDrift.cv],
        ] as const)),
  ];
}

/** What the server and the network delay to it add, both directions together; 0 where nobody measured it. */
function servingRows(serving: ModelProfile['serving']): readonly (readonly [string, number])[] {
  if (serving === undefined) return [];
  const { networkDelayByRate = [], closedLoopNetworkDelay, phasesByRate = [], threadWaits } = serving;
  const { batcherSignalUs = 0, clientUs = 0, clientWakeUs = 0 } = serving;
  const { requestCpuUs = 0, executionCpuUs = 0, clientCpuUs = 0 } = serving;
  const bothUs = (networkDelay: { readonly requestDelayUs: number; readonly responseDelayUs: number }) =>
    networkDelay.requestDelayUs + networkDelay.responseDelayUs;
  return [
    ['network delay, both directions (us)', bothUs(serving)],
    ...networkDelayByRate.map(
      (networkDelay) =>
        [
          `the same at ${Math.round(networkDelay.requestsPerS)} requests/s (us)`,
          bothUs(networkDelay),
        ] as const,
    ),
    [
      'the same of closed-loop clients that never pause (us)',
      closedLoopNetworkDelay === undefined ? 0 : bothUs(closedLoopNetworkDelay),
    ],
    ...phasesByRate.map(
      ({ requestsPerS, inputUs, inferUs, outputUs }) =>
        [
          `executions longer at ${Math.round(requestsPerS)} requests/s (us)`,
          inputUs + inferUs + outputUs,
        ] as const,
    ),
    ['waking the batcher, of the response per execution (us)', batcherSignalUs],
    ["usual clients' threads on it (us)", clientUs],
    ['waking them for each further response of an execution (us)', clientWakeUs],
    ['core time of a request besides its execution (us)', requestCpuUs],
    ['core time of an execution besides what it computes (us)', executionCpuUs],
    ['core time of its client (us)', clientCpuUs],
    ['waking threads that wait for a core (%)', 100 * (threadWaits?.share ?? 0)],
    ['their longest wait (us)', threadWaits?.longestUs ?? 0],
  ];
}

function interferenceRows({ interference }: ModelProfile): readonly (readonly [string, number])[] {
  return [
    ...(interference.self === undefined ? [] : [['itself', interference.self] as const]),
    ...(interference.crowding === undefined
      ? []
      : [['a crowd on the host cores', interference.crowding] as const]),
    ...interference.pairs.flatMap(({ model, slowdown, closedLoopSlowdown }) => [
      [model, slowdown] as const,
      ...(closedLoopSlowdown === undefined ? [] : [[`${model}, never idle`, closedLoopSlowdown] as const]),
    ]),
  ];
}

function trusted({ region, fit }: ModelProfile): readonly string[] {
  const sizes = region.batchSizes.join(', ');
  const instances =
    region.maxInstances === 1 ? 'one instance' : `up to ${region.maxInstances} instances side by side`;
  const busy = Number((region.maxUtilization * 100).toFixed(1));
  return [
    `batch sizes ${sizes}; between them times are interpolated, beyond them extrapolated`,
    `device busy up to ${busy} % of the time, ${instances}, sharing: ${region.sharing.join(', ') || 'none'}`,
    ...(fit === undefined
      ? []
      : [
          `${fit.method}: ${fit.points} ${plural(fit.points, 'point')}, ${fit.heldOut} held out, mean error ${fit.meanErrorPercent} %, largest ${fit.maxErrorPercent} %`,
        ]),
  ];
}
