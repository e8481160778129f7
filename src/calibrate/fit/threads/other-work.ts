import { linearRegression, median } from 'simple-statistics';
import { BUSY_CORES } from '../../../live/machine-use.js';
import type { Observation } from '../../observation.js';

/** Rates of two points must differ by this factor to tell what grows with the requests from what does not. */
const LEAST_RATIO = 1.5;
/** How many of the nearest looks a median is taken of: a single one is short. */
const LOOKS = 5;

/** Cores of the server's machine that something else kept busy during a point; 0 where it is little or nothing says. */
export type OtherWork = (observation: Observation) => number;

/**
 * What was counted during the point, where the server's processes could be told; else from what was seen of the machine before
 * each load, while nothing was sent. Where nobody looked: the same for all points, from what their loads took.
 */
export function otherWork(observations: readonly Observation[]): OtherWork {
  const looks = observations.flatMap(({ measuredAt, durationS, cpu }) =>
    cpu?.otherS === undefined ? [] : [{ atMs: Date.parse(measuredAt), cores: cpu.otherS / durationS }],
  );
  if (looks.length === 0) {
    const all = otherWorkCores(observations);
    return () => all;
  }
  return ({ measuredAt, durationS, cpu }) => {
    if (cpu?.serverS !== undefined) return orNothing(cpu.otherS! / durationS);
    const atMs = Date.parse(measuredAt);
    const distance = (look: (typeof looks)[number]) => Math.abs(look.atMs - atMs);
    const nearest = [...looks].sort((a, b) => distance(a) - distance(b)).slice(0, LOOKS);
    return orNothing(median(nearest.map((look) => look.cores)));
  };
}

function orNothing(cores: number): number {
  return cores >= BUSY_CORES ? cores : 0;
}

/**
 * Core time that the server took during each point, seconds: of its processes where they could be told, else what the machine used
 * less what the client and others did. Undefined where nothing was counted.
 */
export function serverWork(
  observations: readonly Observation[],
): (observation: Observation) => number | undefined {
  const othersOf = otherWork(observations);
  return (point) => {
    const { cpu, durationS } = point;
    return cpu && (cpu.serverS ?? cpu.machineS - cpu.clientS - othersOf(point) * durationS);
  };
}

/**
 * Cores of the server's machine that something else kept busy all the while: what would be used, besides the client, by none of a
 * model's requests, on the line through its loads of single inferences (so that it does not matter on how many cores they compute).
 * Of several models the least; 0 where it is little, or no model had two such loads of which it was counted.
 */
export function otherWorkCores(observations: readonly Observation[]): number {
  const sparse = observations.filter(({ experiment }) => experiment.kind === 'alone');
  const models = new Set(sparse.map(({ experiment }) => experiment.model));
  const cores = [...models].flatMap((model) =>
    coresWithoutRequests(sparse.filter(({ experiment }) => experiment.model === model)),
  );
  const least = Math.min(...cores);
  return cores.length > 0 ? orNothing(least) : 0;
}

function coresWithoutRequests(points: readonly Observation[]): number[] {
  const counted = points.flatMap(({ cpu, clients, durationS }) =>
    cpu === undefined ? [] : [[clients[0]!.completed / durationS, (cpu.machineS - cpu.clientS) / durationS]],
  );
  const rates = counted.map(([perS]) => perS!);
  if (!(Math.max(...rates) > LEAST_RATIO * Math.min(...rates))) return [];
  return [linearRegression(counted).b];
}
