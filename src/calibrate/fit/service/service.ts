import { median } from 'simple-statistics';
import { NORMAL_95 } from '../../../metrics/statistics/normal-interval.js';
import type { ServicePoint } from '../../../profile/profile.js';
import { countedPoints, type Observation } from '../../observation.js';
import { momentsOf } from '../../weighted-line.js';
import {
  byPhase,
  executionUs,
  PHASES,
  type Phase,
  type PhaseMeans,
  phasesByBatch,
  requestMeans,
  requestsBeside,
} from '../phases.js';
import { millionths } from '../rounding.js';
import { executionsToKnow, type LoadedPhases, loadedPhases, OFF_LINE } from './loaded-phases.js';

/** The part of a profile that says how long an execution takes. */
export interface ServiceFit {
  readonly service: readonly ServicePoint[];
  /** What each further request of an execution adds to gathering its inputs. */
  readonly perRequestInputUs: number;
  /** Building and sending the response to one request, on the instance thread. */
  readonly responsePerRequestUs: number;
  /** Measured against fitted execution times under load, by batch size. */
  readonly residuals: readonly ServiceResidual[];
}

export interface ServiceFacts {
  /**
   * Inferences are taken as a single client saw them. Those under load hold what instances of a GPU cost each other, which is
   * more for large batches than for small ones.
   */
  readonly inferAlone?: boolean;
  /** A request has one inference, so that only loads show larger batches. */
  readonly loadsShowSizes?: boolean;
}

export interface ServiceResidual {
  readonly batchSize: number;
  readonly executions: number;
  readonly measuredUs: number;
  readonly fittedUs: number;
}

/**
 * Service times of a model from its sequential points (one request that holds the whole batch) and its
 * points under load (many requests). The difference of the two is a line in the number of further
 * requests: its slope is what each request of a batch costs besides its inferences, its intercept what
 * load itself costs (caches and cores shared with the front end and the clients). Full batches of many
 * requests tell the slope best: small ones of a Poisson load hold what pauses and the machine's drift did to them.
 */
export function fitService(
  observations: readonly Observation[],
  model: string,
  { inferAlone = false, loadsShowSizes = false }: ServiceFacts = {},
): ServiceFit {
  const singles = sequentialPhases(observations, model);
  const loaded = loadedPhases(observations, model, executionsToKnow(coefficientOfVariation(singles)));
  const alone = loadsShowSizes
    ? withLoadedSizes(singles, loaded)
    : inferAlone
      ? singles
      : withLeaps(singles, loaded);
  const shapes = (phase: Phase) => (inferAlone && phase === 'inferUs' ? [] : loaded);
  const lines = byPhase((phase) => differenceLine(alone, shapes(phase), phase));
  const laws = byPhase((phase) => phaseLaw(alone, shapes(phase), phase, lines[phase]));
  // The output phase of backends that send within it holds each request's response as well, and no more than that.
  const sendUs = Math.min(
    lines.outputUs.slope,
    ...alone.flatMap(({ batchSize, outputUs }) => [outputUs, laws.outputUs(batchSize) / batchSize]),
  );
  const responsePerRequestUs = sendUs + overheadPerRequest(observations, model);
  const perRequestInputUs = lines.inputUs.slope;
  const service = alone.map((point) => servicePoint(point, laws, { inputUs: perRequestInputUs, sendUs }));
  const residuals = loaded.map((row) => residual(row, laws));
  return { service, perRequestInputUs, responsePerRequestUs, residuals };
}

export interface AlonePoint extends PhaseMeans {
  readonly relativeError: number;
}

/** Mean phases of a single client's executions, by batch size. */
export function sequentialPhases(observations: readonly Observation[], model: string): AlonePoint[] {
  return countedPoints(observations, 'sequential', model)
    .flatMap(({ experiment, counted, clients }) => {
      const rows = phasesByBatch(counted);
      const row = rows.find(({ batchSize }) => batchSize === experiment.batchSize) ?? rows[0];
      if (row === undefined) return [];
      return [{ ...row, batchSize: experiment.batchSize, relativeError: clients[0]!.relativeError }];
    })
    .sort((a, b) => a.batchSize - b.batchSize);
}

/** Larger batches as loads showed them: what each request of one costs is part of its phases then. */
function withLoadedSizes([single, ...rest]: AlonePoint[], loaded: readonly LoadedPhases[]): AlonePoint[] {
  if (single === undefined) return rest;
  const larger = loaded.filter(({ batchSize }) => batchSize > single.batchSize);
  return [single, ...larger.map((row) => asKnownAs(single, row))];
}

/** A mean of executions that vary as those of a single client do. */
function asKnownAs({ relativeError, executions }: AlonePoint, row: PhaseMeans): AlonePoint {
  return { ...row, relativeError: relativeError * Math.sqrt(executions / row.executions) };
}

/** Whether a load shows a size between these that takes longer than they say. */
export function hasLeaps(
  observations: readonly Observation[],
  model: string,
  sizes: readonly number[],
): boolean {
  if (sizes.length < 2) return false;
  const alone = sequentialPhases(observations, model).filter(({ batchSize }) => sizes.includes(batchSize));
  const least = executionsToKnow(coefficientOfVariation(alone));
  return withLeaps(alone, loadedPhases(observations, model, least)).length > alone.length;
}

/** A size leaps if it takes longer than the sizes around it say by so many times what sizes usually are off, or than chance puts it. */
const LEAP = 3;

/**
 * With the sizes between two of a single client that loads show to take longer than on the line between these: executions that are
 * padded take as long as the next size that is built. What loads cost is taken off as of the sizes around it.
 */
function withLeaps(alone: readonly AlonePoint[], loaded: readonly LoadedPhases[]): readonly AlonePoint[] {
  const both = loaded.filter(({ batchSize }) => alone.some((each) => each.batchSize === batchSize));
  const sizes = both.map(({ batchSize }) => batchSize);
  const costs = both.map((row) => ({
    ...row,
    ...byPhase((phase) => row[phase] - interpolate(alone, row.batchSize, phase)),
  }));
  const cv = coefficientOfVariation(alone);
  const leaps = loaded.flatMap((row): AlonePoint[] => {
    const { batchSize, executions } = row;
    if (sizes.includes(batchSize) || !(batchSize > sizes[0]! && batchSize < sizes.at(-1)!)) return [];
    const us = byPhase((phase) => Math.max(0, row[phase] - interpolate(costs, batchSize, phase)));
    const usual = byPhase((phase) => interpolate(alone, batchSize, phase));
    const least = 1 + LEAP * Math.max(OFF_LINE, cv / Math.sqrt(executions));
    if (executions < TRUSTED_EXECUTIONS || executionUs(us) < least * executionUs(usual)) return [];
    return [asKnownAs(alone[0]!, { ...row, ...us })];
  });
  return [...alone, ...leaps].sort((a, b) => a.batchSize - b.batchSize);
}

interface Line {
  readonly intercept: number;
  readonly slope: number;
}

const NO_DIFFERENCE: Line = { intercept: 0, slope: 0 };

/** Weighted least squares of (under load - alone) over the number of further requests, which cost no less than nothing. */
function differenceLine(alone: readonly AlonePoint[], loaded: readonly LoadedPhases[], phase: Phase): Line {
  if (loaded.length === 0) return NO_DIFFERENCE;
  const points = loaded.map((row) => ({
    x: row.requests - 1,
    y: row[phase] - interpolate(alone, row.batchSize, phase),
    weight: row.executions,
  }));
  const { meanX, meanY, spreadX, crossXY } = momentsOf(points);
  const slope = spreadX === 0 ? 0 : Math.max(0, crossXY / spreadX);
  return { intercept: meanY - slope * meanX, slope };
}

/** A phase on the line between the two measured sizes around `batchSize`, and on the outermost line beyond. */
function interpolate(points: readonly PhaseMeans[], batchSize: number, phase: Phase): number {
  const right = points.findIndex((point) => point.batchSize >= batchSize);
  if (right >= 0 && points[right]!.batchSize === batchSize) return points[right]![phase];
  if (points.length === 1) return points[0]![phase];
  const upper = Math.max(1, right < 0 ? points.length - 1 : right);
  const [a, b] = [points[upper - 1]!, points[upper]!];
  return a[phase] + ((b[phase] - a[phase]) * (batchSize - a.batchSize)) / (b.batchSize - a.batchSize);
}

/** Executions of one size that count as much as the line through all sizes, and as many more as it takes to know their mean. */
const TRUSTED_EXECUTIONS = 50;

/** Microseconds of a phase by batch size, of all requests of an execution together: as many as inferences where nothing is said. */
type PhaseLaw = (batchSize: number, requests?: number) => number;

/**
 * A phase by batch size: the line, and as close to what dense loads showed of that size as there were executions of it; of a
 * size that they did not show as they showed the next smaller one. Inferences differ from the line in proportion (where weights
 * stay in caches from one execution to the next, large batches gain more than the line says), the rest by so much (one client
 * sleeps between its requests, and wakes threads that sleep deep).
 */
function phaseLaw(
  alone: readonly AlonePoint[],
  loaded: readonly LoadedPhases[],
  phase: Phase,
  { intercept, slope }: Line,
): PhaseLaw {
  const onLine = (batchSize: number, requests: number) =>
    interpolate(alone, batchSize, phase) + intercept + slope * (requests - 1);
  const trusted = TRUSTED_EXECUTIONS + executionsToKnow(coefficientOfVariation(alone));
  const corrections = loaded.map(({ batchSize, requests, executions, ...row }) => {
    const fittedUs = onLine(batchSize, requests);
    const weight = executions / (executions + trusted);
    const moreUs = weight * (row[phase] - fittedUs);
    const isInProportion = phase === 'inferUs' && fittedUs > 0;
    return { batchSize, correct: (us: number) => us + moreUs * (isInProportion ? us / fittedUs : 1) };
  });
  return (batchSize, requests = batchSize) => {
    const near = corrections.findLast((each) => each.batchSize <= batchSize) ?? corrections[0];
    const us = onLine(batchSize, requests);
    return Math.max(0, near === undefined ? us : near.correct(us));
  };
}

/**
 * Coefficient of variation of single executions, from how well a single client's points know their means; 0 where there are
 * none.
 */
export function coefficientOfVariation(alone: readonly AlonePoint[]): number {
  if (alone.length === 0) return 0;
  return median(
    alone.map(({ relativeError, executions }) => (relativeError * Math.sqrt(executions)) / NORMAL_95),
  );
}

/**
 * Shortest inference of a profile, as a part of a lone client's. Loads shorten them, as nothing sleeps then, but not by more:
 * the point was disturbed.
 */
const LEAST_OF_ALONE = 0.1;

function servicePoint(
  { batchSize, executions, relativeError, inferUs }: AlonePoint,
  laws: Readonly<Record<Phase, PhaseLaw>>,
  perRequest: { readonly inputUs: number; readonly sendUs: number },
): ServicePoint {
  const msOf = (phase: Phase, ofRequestsUs = 0) =>
    millionths(Math.max(0, laws[phase](batchSize) - ofRequestsUs) / 1000);
  return {
    batchSize,
    inputMs: msOf('inputUs', perRequest.inputUs * (batchSize - 1)),
    inferMs: Math.max(msOf('inferUs'), millionths((LEAST_OF_ALONE * inferUs) / 1000)),
    outputMs: msOf('outputUs', perRequest.sendUs * batchSize),
    executions,
    relativeError: millionths(relativeError),
  };
}

function residual(row: LoadedPhases, laws: Readonly<Record<Phase, PhaseLaw>>): ServiceResidual {
  const { batchSize, requests, executions } = row;
  const fittedUs = PHASES.reduce((sum, phase) => sum + laws[phase](batchSize, requests), 0);
  return { batchSize, executions, measuredUs: executionUs(row), fittedUs };
}

/**
 * Backends that send responses after their output phase leave that time to the request, which ends when
 * all responses of its batch have been sent: the difference between full and single batches is one
 * response each.
 */
function overheadPerRequest(observations: readonly Observation[], model: string): number {
  const one = countedPoints(observations, 'sequential', model)[0]?.counted;
  if (one === undefined) return 0;
  const many = countedPoints(observations, 'poisson', model)
    .map(({ counted }) => ({ counted, beside: requestsBeside(counted) }))
    .reduce((a, b) => (b.beside > a.beside ? b : a), { counted: one, beside: 0 });
  if (many.beside < LEAST_BESIDE) return requestMeans(one).overheadUs;
  const more = requestMeans(many.counted).overheadUs - requestMeans(one).overheadUs;
  return Math.max(0, more / many.beside);
}

/** With fewer others in its execution, on average, it is not known what each costs a request. */
const LEAST_BESIDE = 0.5;
