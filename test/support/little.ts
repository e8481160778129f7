import { leftAtUs } from '../../src/metrics/figures/log-rows.js';
import { Occupancy } from '../../src/metrics/figures/occupancy.js';
import { PARTS, SplitSum } from '../../src/metrics/figures/split.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

/** Little's law on one run; lengths in requests, times in microseconds. */
interface LittleCheck {
  /** Mean number in the system: the area under the number present at each instant, over the length. */
  readonly meanInSystem: number;
  readonly arrivalsPerUs: number;
  /** Mean time in the system, from the recorded parts of each request. */
  readonly meanTimeUs: number;
  /** |L - λW| / L, 0 for an empty run. */
  readonly relativeGap: number;
}

/**
 * Checks L = λW over the whole run. L comes from when requests arrive and leave; W adds up the parts
 * (client, network, front end, queue, compute, response) of the completed requests, and for those that
 * were not completed the time until they left or the run ended. Since the run starts empty and the time
 * of unfinished requests is cut at the end on both sides, the two agree to rounding exactly if the
 * recorded parts of every request add up to its latency.
 */
export function littleCheck(log: RequestLog): LittleCheck {
  const occupancy = new Occupancy({ fromUs: 0, toUs: log.endUs, slices: 1 });
  const parts = new SplitSum();
  let [arrivals, completed] = [0, 0];
  let otherUs = 0;
  for (const [row, planned] of log.plannedUs.entries()) {
    if (planned > log.endUs) continue;
    const left = leftAtUs(log.outcome[row]!, log.endedUs[row]!, log.sentUs[row]!, planned);
    arrivals++;
    occupancy.add(planned, left);
    if (log.outcome[row] === Outcome.completed) {
      parts.add(log, row, true);
      completed++;
    } else otherUs += Math.min(left, log.endUs) - planned;
  }
  const split = parts.meanMs();
  const meanMs = PARTS.reduce((sum, part) => sum + split[part], 0);
  const totalUs = completed === 0 ? 0 : 1000 * completed * meanMs;
  const meanInSystem = log.endUs > 0 ? occupancy.means()[0]! : 0;
  const arrivalsPerUs = log.endUs > 0 ? arrivals / log.endUs : 0;
  const meanTimeUs = arrivals === 0 ? 0 : (totalUs + otherUs) / arrivals;
  const gap = Math.abs(meanInSystem - arrivalsPerUs * meanTimeUs);
  return { meanInSystem, arrivalsPerUs, meanTimeUs, relativeGap: gap === 0 ? 0 : gap / meanInSystem };
}
