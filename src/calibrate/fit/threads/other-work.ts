import { median } from 'simple-statistics';
import { BUSY_CORES } from '../../../live/machine-use.js';
import { coresOf, type Observation } from '../../observation.js';

/** How many of the nearest looks a median is taken of: a single one is short. */
const LOOKS = 5;

/** Cores of the server's machine that something else kept busy during a point; 0 where it is little or nothing says. */
export type OtherWork = (observation: Observation) => number;

/**
 * What was counted during the point, where the server's processes could be told; else from what was seen of the machine before
 * each load, while nothing was sent.
 */
export function otherWork(observations: readonly Observation[]): OtherWork {
  const looks = observations.flatMap((point) =>
    point.cpu === undefined
      ? []
      : [{ atMs: Date.parse(point.measuredAt), cores: coresOf(point.cpu.otherS, point) }],
  );
  if (looks.length === 0) return () => 0;
  return (point) => {
    if (point.cpu?.serverS !== undefined) return orNothing(coresOf(point.cpu.otherS, point));
    const atMs = Date.parse(point.measuredAt);
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
    const countedS = cpu?.countedS ?? durationS;
    return cpu && (cpu.serverS ?? cpu.machineS - cpu.clientS - othersOf(point) * countedS);
  };
}
