import { expectedSteps } from '../../scenario/check/load-size.js';
import { ExpectedRequests } from '../../scenario/closed-loop/expected-requests.js';
import { attachServers } from '../../sweep/attach.js';
import type { DetachedScenario, DetachedTenant } from '../../sweep/detached.js';
import { largestNeed, type MemoryNeed } from '../memory/memory-need.js';
import type { Library } from './content-library.js';
import type { SweepPoint } from './point-checker.js';

/*
 * Bytes that a point takes for each of its requests, measured as for a run (see `run-need.ts`). Its figures are made without a log.
 */

/** Where all arrivals are known: 57. */
const LEAST = 57;
/** Step by step: 205. */
const MOST = 205;

/** What points of a sweep take, the largest of them on every thread. */
export function pointsNeed(points: readonly SweepPoint[], library: Library, threads: number): MemoryNeed {
  const atOnce = Math.min(threads, points.length);
  return largestNeed(
    points.map(({ scenario }) => {
      const { planned, ofClosedLoop } = requestsOf(scenario, library);
      return { bytes: atOnce * MOST * (planned + ofClosedLoop), certainBytes: LEAST * planned };
    }),
  );
}

function requestsOf(scenario: DetachedScenario, library: Library) {
  let [planned, ofClosedLoop] = [0, 0];
  let expected: ExpectedRequests | undefined;
  for (const { load, ...tenant } of scenario.tenants) {
    if (load.mode === 'closed') {
      const { durationUs } = scenario;
      expected ??= new ExpectedRequests({ servers: attachServers(scenario, library), durationUs });
      ofClosedLoop += expected.of({ ...tenant, load });
    } else planned += plannedRequests(load, scenario.durationUs, library);
  }
  return { planned, ofClosedLoop };
}

type Drawn = Exclude<DetachedTenant['load'], { mode: 'closed' }>;

function plannedRequests({ arrivals: { load } }: Drawn, durationUs: number, library: Library): number {
  if (load.trace !== undefined) return library.trace(load.trace.file).arrivalUs.length * load.trace.scaleRate;
  const durationS = Math.min(load.durationS ?? Number.POSITIVE_INFINITY, durationUs / 1e6);
  return expectedSteps(load.process!, durationS);
}
