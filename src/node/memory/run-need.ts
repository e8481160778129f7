import type { PlanProblem } from '../../plan/problem-setting.js';
import type { Scenario } from '../../scenario/scenario.js';
import { sendsAsPlanned, shareStreams } from '../../simulator/component-load.js';
import {
  type Component,
  meetsInFrontEnd,
  meetsOnServer,
  partition,
  serversOf,
  sharesLimits,
} from '../../simulator/partition.js';
import { type MemoryNeed, needOf } from './memory-need.js';

/** What of a run decides how much memory it takes. */
export interface RunSize {
  readonly runs?: number;
  /** Whether its log will be written. */
  readonly log?: boolean;
}

/*
 * Bytes that a run takes for each of its requests, measured as the peak of the process over that of a run of a few seconds: 1.5
 * million requests of one tenant, with an execution for nearly every one; by fast paths, by the event loop, and of closed-loop clients.
 */

/** Arrivals, and what a component is measured by, where all arrivals are known: 67. */
const MEASURED_FAST_PATHS = 80;
/** The same with the rows of the event loop: 195. */
const MEASURED_EVENT_LOOP = 200;
/** The latencies of a run that is over, of each tenant and of all, and its arrivals. */
const KEPT_FIGURES = 26;
/** With every request: arrivals, rows of the simulator, the log that is made of them, and what its summary sorts: 206 to 225. */
const ONE_RUN = 225;
/** The log and the latencies of a run that is over: 90 to 91. */
const KEPT_RUN = 90;
/** What is made while the log is kept: a file takes 50 to 100. */
const BESIDE_LOG = 100;

/** What the replications of a scenario take with their report. */
export function runNeed(scenario: Scenario, { runs = 1, log = false }: RunSize): MemoryNeed {
  if (log) return needOf([scenario], ONE_RUN + (runs - 1) * KEPT_FIGURES + BESIDE_LOG);
  const measured = isOfFastPaths(scenario) ? MEASURED_FAST_PATHS : MEASURED_EVENT_LOOP;
  return needOf([scenario], measured + (runs - 1) * KEPT_FIGURES);
}

/** Where requests are counted, when those of a component come: 8; and where they pass a front end, its order and times: 49. */
const COUNTED = 12;
const COUNTED_FRONT_END = 50;
/** What is counted of a tenant, and what such a run takes besides: 150 million. */
const COUNTED_TENANT = 2e6;
const COUNTED_RUN = 1.6e8;

/** What a run takes whose requests are counted: its largest components, one on each thread, and no columns of what became of them. */
export function countedNeed(scenario: Scenario, threads = 1): MemoryNeed {
  const bytesOf = (component: Component) => {
    const tenants = component.tenants.map((index) => scenario.tenants[index]!);
    const passFrontEnd = serversOf(component).some((server) => meetsInFrontEnd(scenario.servers[server]!));
    const { bytes } = needOf([{ ...scenario, tenants }], passFrontEnd ? COUNTED_FRONT_END : COUNTED);
    return bytes + tenants.length * COUNTED_TENANT;
  };
  const largest = partition(scenario)
    .map(bytesOf)
    .sort((a, b) => b - a)
    .slice(0, threads);
  const bytes = largest.reduce((sum, one) => sum + one, COUNTED_RUN);
  return { bytes, certainBytes: bytes };
}

/** Whether all arrivals at the servers are known, and nothing but devices can slow an execution; as `areFastPaths` asks of a component. */
function isOfFastPaths({ tenants, servers, changes = [] }: Scenario): boolean {
  return (
    sendsAsPlanned({ tenants, changes }) &&
    !shareStreams(tenants) &&
    !servers.some((server) => meetsOnServer(server) || sharesLimits(server))
  );
}

/** What two placements take, one after the other: of a single run the log is kept, of several the figures. */
export function compareNeed(scenarios: readonly [Scenario, Scenario], runs: number): MemoryNeed {
  const perRequest = runs === 1 ? ONE_RUN + KEPT_RUN : MEASURED_EVENT_LOOP + (2 * runs - 1) * KEPT_FIGURES;
  return needOf(scenarios, perRequest / 2);
}

/** What explaining tenants takes: the run as it is, and one that differs. */
export function explainNeed(scenario: Scenario): MemoryNeed {
  return needOf([scenario], ONE_RUN + KEPT_RUN);
}

/** What candidates take that differ from a scenario in their settings, one on each thread. */
export function candidatesNeed(scenario: Scenario, threads: number): MemoryNeed {
  return needOf([scenario], threads * ONE_RUN);
}

/** What placements take, one on each thread, each on the day of most requests. */
export function placementsNeed({ days }: PlanProblem, threads: number): MemoryNeed {
  const requests = days.map(({ traces }) => traces.reduce((sum, { arrivalUs }) => sum + arrivalUs.length, 0));
  const bytes = Math.max(0, ...requests) * threads * ONE_RUN;
  return { bytes, certainBytes: bytes };
}
