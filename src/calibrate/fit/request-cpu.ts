import { linearRegression, median } from 'simple-statistics';
import type { Serving } from '../../profile/profile.js';
import { isOpen } from '../experiment.js';
import type { Observation } from '../observation.js';
import { timeUs } from './phases.js';
import { tenths } from './rounding.js';

/** Cores that a host has at least where what requests take is told apart: with one, every time measured holds it. */
const LEAST_CORES = 2;
/** Fewer requests are lost in what else the machine does. */
const LEAST_REQUESTS = 200;
/** More is no request's. */
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

type RequestCpu = Pick<Serving, 'requestCpuUs' | 'clientCpuUs'>;

/**
 * Core time that a request to the model takes of the server besides what its execution computes, and of its client.
 * Empty where nothing was counted, or the host has one core.
 * @param computes whether its executions compute
 */
export function fitRequestCpu(
  observations: readonly Observation[],
  model: string,
  { cores, computes }: { readonly cores: number | undefined; readonly computes: boolean },
): RequestCpu {
  if (cores === undefined || cores < LEAST_CORES) return {};
  const points = countedPoints(observations);
  const alone = points.filter(({ clients }) => clients.length === 1 && clients[0]!.model === model);
  if (alone.length === 0) return {};
  return {
    requestCpuUs: within(median(alone.map((point) => serverUs(point, computes)))),
    clientCpuUs: within(clientUs(points)),
  };
}

/** What the machine used, less the client's part and the inferences that computed, over the requests. */
function serverUs({ cpu, statistics, ...point }: CountedPoint, computes: boolean): number {
  const computedUs = computes ? timeUs(statistics, ['inferUs']) : 0;
  return ((cpu.machineS - cpu.clientS) * 1e6 - computedUs) / requestsOf(point);
}

/** By how much more a client takes the more requests it sends: what it takes without any is the keeping of its schedule. */
function clientUs(points: readonly CountedPoint[]): number {
  const taken = points.map((point): [number, number] => [
    requestsOf(point) / point.durationS,
    point.cpu.clientS / point.durationS,
  ]);
  return new Set(taken.map(([perS]) => perS)).size < 2 ? 0 : linearRegression(taken).m * 1e6;
}

function within(us: number): number {
  return tenths(Math.min(MOST_US, Math.max(0, us)));
}
