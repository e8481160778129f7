import { probit } from 'simple-statistics';
import { longestPauseMs } from '../../effects/idle/longest-pause.js';
import { describeProfile } from '../../profile/describe.js';
import type { ModelProfile, ServicePoint } from '../../profile/profile.js';
import { serviceTime, totalMs } from '../../profile/service-time.js';

export type DriftVerdict = 'within' | 'drifted' | 'too few';

/** `not stored`: the stored profile was not measured at that size, so that nothing can have changed. */
export type PointVerdict = DriftVerdict | 'not stored';

/** Service time of one batch size as it is stored and as it is now. */
export interface DriftPoint {
  readonly batchSize: number;
  readonly storedMs: number;
  /** The same after the longest pause: how much of that traffic pays depends on its rate, which nobody recorded. */
  readonly storedPausedMs: number;
  readonly observedMs: number;
  /** 100 (observed - stored) / stored, with its interval; of what lies between the two stored times nothing has changed. */
  readonly changePercent: number;
  readonly lowPercent: number;
  readonly highPercent: number;
  /** Executions behind the observed figure. */
  readonly executions: number;
  readonly verdict: PointVerdict;
}

/** A figure that is shown beside the service times and not judged: traffic tells it only roughly. */
interface DriftFigure {
  readonly name: string;
  readonly unit: string;
  readonly stored: number;
  readonly observed: number;
}

export interface DriftReport {
  readonly model: string;
  readonly device: string;
  /** Change up to which a service time counts as the same, in percent. */
  readonly tolerancePercent: number;
  readonly points: readonly DriftPoint[];
  readonly figures: readonly DriftFigure[];
  /** `drifted` when any batch size is; `too few` when none can be told to be within. */
  readonly verdict: DriftVerdict;
}

export interface DriftOptions {
  /** Default 5. */
  readonly tolerancePercent?: number;
  /** Inferences in each request of the observed traffic: a batch of many requests costs more to gather. Default 1. */
  readonly requestBatch?: number;
}

/**
 * Compares the service times that production traffic shows with those of a stored profile, at every
 * batch size that was observed. A size has drifted when its change exceeds the tolerance and is no
 * chance: zero lies outside its interval. It is within when it is inside the tolerance and known to
 * be better than the tolerance. All else is too few executions to tell. Sizes beyond those of the stored
 * profile are shown and not judged: what it says there is extrapolated.
 *
 * The intervals hold all at once in 95 % (Bonferroni), so that a report with many batch sizes is no
 * more likely to cry wolf than one with a single size.
 */
export function compareProfiles(
  stored: ModelProfile,
  observed: ModelProfile,
  { tolerancePercent = 5, requestBatch = 1 }: DriftOptions = {},
): DriftReport {
  const widen = simultaneous(observed.service.filter((point) => isStored(stored, point)).length);
  const points = observed.service.map((point) => {
    const requests = Math.ceil(point.batchSize / requestBatch);
    const storedMs =
      storedTimeMs(stored, point.batchSize, requests) + (sendUs(stored, observed) * requests) / 1000;
    const pauseMs = longestPauseMs(stored, serviceTime(stored, point.batchSize).inferMs);
    return driftPoint(stored, point, { storedMs, pauseMs, tolerancePercent, widen });
  });
  return {
    model: stored.model,
    device: stored.device,
    tolerancePercent,
    points,
    figures: figuresOf(stored, observed),
    verdict: overall(points.map(({ verdict }) => verdict)),
  };
}

/** What a 95 % half width is multiplied by so that `count` of them hold at once. */
function simultaneous(count: number): number {
  return probit(1 - 0.025 / Math.max(1, count)) / probit(0.975);
}

/** Whether the stored profile knows times of this batch size, from points at it or on both sides of it. */
function isStored({ service }: ModelProfile, { batchSize }: ServicePoint): boolean {
  return service[0]!.batchSize <= batchSize && batchSize <= service.at(-1)!.batchSize;
}

/** What the simulator would take for an execution of that many inferences in that many requests. */
function storedTimeMs(stored: ModelProfile, batchSize: number, requests: number): number {
  const { inputUs = 0 } = stored.perRequest ?? {};
  return totalMs(serviceTime(stored, batchSize)) + (inputUs * (requests - 1)) / 1000;
}

/**
 * What sending a response takes within the output phase: Triton counts it there for some backends, and so does a profile made of
 * traffic; a calibration tells it apart.
 */
function sendUs(stored: ModelProfile, observed: ModelProfile): number {
  return Math.max(0, stored.response.perRequestUs - observed.response.perRequestUs);
}

interface Judging {
  readonly storedMs: number;
  readonly pauseMs: number;
  readonly tolerancePercent: number;
  readonly widen: number;
}

function driftPoint(
  stored: ModelProfile,
  point: ServicePoint,
  { storedMs, pauseMs, tolerancePercent, widen }: Judging,
): DriftPoint {
  const observedMs = totalMs(point);
  const storedPausedMs = storedMs + pauseMs;
  const ratio = observedMs / Math.min(Math.max(observedMs, storedMs), storedPausedMs);
  const halfPercent = 100 * ratio * widen * Math.hypot(relativeErrorOf(point), storedError(stored, point));
  const changePercent = 100 * (ratio - 1);
  return {
    batchSize: point.batchSize,
    storedMs,
    storedPausedMs,
    observedMs,
    changePercent,
    lowPercent: changePercent - halfPercent,
    highPercent: changePercent + halfPercent,
    executions: point.executions,
    verdict: isStored(stored, point) ? verdictOf(changePercent, halfPercent, tolerancePercent) : 'not stored',
  };
}

function verdictOf(change: number, half: number, tolerance: number): DriftVerdict {
  if (Number.isNaN(half)) return 'too few';
  if (Math.abs(change) > tolerance) return Math.abs(change) > half ? 'drifted' : 'too few';
  return half <= tolerance ? 'within' : 'too few';
}

/** 0 in a profile means that the error is not known. */
function relativeErrorOf({ relativeError }: ServicePoint): number {
  return relativeError > 0 ? relativeError : Number.NaN;
}

/** Relative error of the stored point with that batch size or the nearest to it. What a source did not say counts as none. */
function storedError(stored: ModelProfile, { batchSize }: ServicePoint): number {
  const distance = (point: ServicePoint) => Math.abs(point.batchSize - batchSize);
  return stored.service.reduce((nearest, point) => (distance(point) < distance(nearest) ? point : nearest))
    .relativeError;
}

function figuresOf(stored: ModelProfile, observed: ModelProfile): DriftFigure[] {
  const cv = (profile: ModelProfile) =>
    profile.spread.law === 'none' ? Number.NaN : describeProfile(profile).spread.cv;
  const figures: DriftFigure[] = [
    { name: 'spread of service times (CV)', unit: '', stored: cv(stored), observed: cv(observed) },
    {
      name: 'response of a lone request',
      unit: 'us',
      stored: stored.response.fixedUs + stored.response.perRequestUs,
      observed: observed.response.fixedUs + observed.response.perRequestUs,
    },
  ];
  if (observed.frontEnd.perRequestUs === 0) return figures;
  const frontEnd = ({ frontEnd: { perRequestUs, perKilobyteUs }, payload }: ModelProfile) =>
    perRequestUs + (perKilobyteUs * payload.requestBytes) / 1024;
  return [
    ...figures,
    { name: 'front end of a request', unit: 'us', stored: frontEnd(stored), observed: frontEnd(observed) },
  ];
}

function overall(verdicts: readonly PointVerdict[]): DriftVerdict {
  if (verdicts.includes('drifted')) return 'drifted';
  return verdicts.includes('within') ? 'within' : 'too few';
}
