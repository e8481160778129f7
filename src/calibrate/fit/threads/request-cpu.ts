import { linearRegression, median } from 'simple-statistics';
import type { Serving } from '../../../profile/serving.js';
import { isOpen } from '../../experiment.js';
import type { Observation } from '../../observation.js';
import { timeUs } from '../phases.js';
import { tenths } from '../rounding.js';
import { serverWork } from './other-work.js';

/** Fewest cores of a host for which it is fitted: with one, all that was timed holds what requests take already. */
const LEAST_CORES = 2;
/** A load with fewer requests does not count: they are lost in what else the machine does. */
const LEAST_REQUESTS = 200;
/** Longest core time of a request that is believed, microseconds: more was something else's. */
const MOST_US = 5000;

type CountedPoint = Observation & Required<Pick<Observation, 'cpu'>>;

/** Open loops of which it was counted what the cores did. */
function countedPoints(observations: readonly Observation[]): CountedPoint[] {
  return observations.filter(
    (each): each is CountedPoint =>
      isOpen(each.experiment) && each.cpu !== undefined && requestsOf(each) >= LEAST_REQUESTS,
  );
}

function requestsOf({ clients }: Pick<Observation, 'clients'>): number {
  return clients.reduce((sum, { completed }) => sum + completed, 0);
}

/** Core time that requests take, microseconds; empty where nothing was counted. */
export type RequestCpu = Pick<Serving, 'requestCpuUs' | 'executionCpuUs' | 'clientCpuUs'>;

export interface RequestCpuFacts {
  /** Cores of the server's host. */
  readonly cores: number | undefined;
  /** Whether executions of the model compute. */
  readonly computes: boolean;
}

/**
 * Core time that a request to the model takes of the server, an execution besides what it computes, and a request of its
 * client. Loads with larger batches tell a request from its execution; without them all is the request's.
 * Empty where nothing was counted, or the host has one core.
 */
export function fitRequestCpu(
  observations: readonly Observation[],
  model: string,
  { cores, computes }: RequestCpuFacts,
): RequestCpu {
  if (cores === undefined || cores < LEAST_CORES) return {};
  const points = countedPoints(observations);
  const alone = points.filter(({ clients }) => clients.length === 1 && clients[0]!.model === model);
  if (alone.length === 0) return {};
  const takenS = serverWork(observations);
  const { requestUs, executionUs } = partsOf(alone.map((point) => taken(point, takenS(point)!, computes)));
  return {
    requestCpuUs: within(requestUs),
    ...(executionUs > 0 && { executionCpuUs: within(executionUs) }),
    clientCpuUs: within(clientUs(points)),
  };
}

/** What one load took of the server's cores for each request. */
interface Taken {
  readonly us: number;
  /** Executions for each request. */
  readonly executions: number;
}

/** What the server used, less the inferences that computed. */
function taken(point: CountedPoint, serverS: number, computes: boolean): Taken {
  const { statistics } = point;
  const computedUs = computes ? timeUs(statistics, ['inferUs']) : 0;
  const requests = requestsOf(point);
  const executed = statistics.reduce((sum, { executionCount }) => sum + executionCount, 0);
  return { us: (serverS * 1e6 - computedUs) / requests, executions: executed / requests };
}

/** Loads must differ by this many executions per request to tell a request from its execution. */
const LEAST_APART = 0.1;

/** The line through all loads: what a request takes, and what each execution adds. Neither is negative. */
function partsOf(loads: readonly Taken[]): { readonly requestUs: number; readonly executionUs: number } {
  const whole = { requestUs: median(loads.map(({ us }) => us)), executionUs: 0 };
  const executions = loads.map((load) => load.executions);
  if (Math.max(...executions) - Math.min(...executions) < LEAST_APART) return whole;
  const { m, b } = linearRegression(loads.map((load): [number, number] => [load.executions, load.us]));
  if (m <= 0) return whole;
  if (b >= 0) return { requestUs: b, executionUs: m };
  const both = loads.reduce((sum, load) => sum + load.executions * load.us, 0);
  return { requestUs: 0, executionUs: both / executions.reduce((sum, each) => sum + each * each, 0) };
}

/** What each further request per second costs the client; what it takes without any is the keeping of its schedule. */
function clientUs(points: readonly CountedPoint[]): number {
  const used = points.map((point): [number, number] => [
    requestsOf(point) / point.durationS,
    point.cpu.clientS / point.durationS,
  ]);
  return new Set(used.map(([perS]) => perS)).size < 2 ? 0 : linearRegression(used).m * 1e6;
}

function within(us: number): number {
  return tenths(Math.min(MOST_US, Math.max(0, us)));
}
