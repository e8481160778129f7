import { plural } from '../base/plural.js';
import type { DescribedCost } from '../effects/effect.js';
import { interferenceRows } from '../effects/interference/effect.js';
import { OWN_EFFECTS, SERVER_EFFECTS, SITUATION_EFFECTS } from '../effects/registry.js';
import { SPREAD_LAWS } from '../effects/service-time-variability/laws.js';
import { describeEffects } from '../effects/studies.js';
import { inspectProfile } from './inspect.js';
import type { ModelProfile, Spread } from './profile.js';
import { totalMs } from './service-time.js';

/** What a profile says, as plain data for a table, JSON or a page. */
export interface ProfileDescription {
  readonly model: string;
  readonly device: string;
  /** Name and value, the facts of the source in the order in which they are read. */
  readonly provenance: readonly (readonly [name: string, value: string])[];
  readonly service: readonly ServiceRow[];
  readonly spread: SpreadDescription;
  /** Costs besides the three phases; those that the profile puts at 0 are left out. */
  readonly otherCosts: readonly DescribedCost[];
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
    interference: interferenceRows(profile.interference),
    trusted: trusted(profile),
    remarks: inspectProfile(profile),
  };
}

function provenanceRows({ provenance }: ModelProfile): readonly (readonly [string, string])[] {
  const { protocol, sharedMemory } = provenance;
  const tensors = sharedMemory === undefined ? '' : ', tensors in shared memory';
  return [
    ['source', provenance.source],
    ['licence', provenance.licence],
    ['date', provenance.date],
    ['GPU', provenance.gpu],
    ['driver', provenance.driver],
    ['server', provenance.serverVersion],
    ['backend', provenance.backend],
    ['precision', provenance.precision],
    ...(protocol === undefined ? [] : [['protocol', `${protocol}${tensors}`] as const]),
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
  const { perRequest, response, payload } = profile;
  const perRequestUs = response.perRequestUs + (response.perKilobyteUs * payload.responseBytes) / 1024;
  const responsesUs = response.fixedUs + requests * (perRequestUs + (response.releaseUs ?? 0));
  return (responsesUs + (requests - 1) * (perRequest?.inputUs ?? 0)) / 1000;
}

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

/** What each effect says of its cost, and the sizes that some of them count by. */
function otherCosts(profile: ModelProfile): readonly DescribedCost[] {
  const { payload, memory, serving, engine } = profile;
  const rows: DescribedCost[] = [
    ...describeEffects(OWN_EFFECTS, profile),
    ['request payload (bytes per inference)', payload.requestBytes],
    ['response payload (bytes per inference)', payload.responseBytes],
    ['memory of the model (MiB)', memory.modelMb],
    ['memory of each instance (MiB)', memory.perInstanceMb],
    ['prefill, per token (ms)', engine?.prefillMsPerToken ?? 0],
    ['KV cache of each instance (tokens)', engine?.kvTokens ?? 0],
    ...describeEffects(SITUATION_EFFECTS, profile),
    ...(serving === undefined ? [] : describeEffects(SERVER_EFFECTS, serving)),
  ];
  return rows.filter(([, value]) => value > 0);
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
