import { ExpectedRequests } from '../../scenario/closed-loop/expected-requests.js';
import type { Scenario } from '../../scenario/scenario.js';
import { plannedRequests } from '../../trace/synthesis/drawn-trace.js';
import { freeMemoryBytes } from './free-memory.js';
import { MemoryError, TAKES_LESS } from './memory-error.js';

export interface MemoryNeed {
  readonly bytes: number;
  /** As much of it as is certain: what closed-loop clients will send is estimated from above. */
  readonly certainBytes: number;
}

/** Up to this much fits wherever Node does, and starting a thread for it would take longer than many a run. */
const SMALL_BYTES = 256e6;

/** Whether a computation needs no thread of its own, whose end at the end of memory can be told. */
export function isSmall({ bytes }: MemoryNeed): boolean {
  return bytes < SMALL_BYTES;
}

/** Requests of a scenario: planned ones, and what closed-loop clients will send at the most. */
export interface RequestCount {
  readonly planned: number;
  readonly ofClosedLoop: number;
}

function requestCount(scenario: Scenario): RequestCount {
  const expected = new ExpectedRequests(scenario);
  let [planned, ofClosedLoop] = [0, 0];
  for (const tenant of scenario.tenants) {
    if (tenant.load.mode === 'closed') ofClosedLoop += expected.of(tenant);
    else planned += plannedRequests(tenant.load.trace);
  }
  return { planned, ofClosedLoop };
}

/** Of a computation that takes so many bytes for every request of these scenarios. */
export function needOf(scenarios: readonly Scenario[], bytesPerRequest: number): MemoryNeed {
  const counts = scenarios.map(requestCount);
  const planned = counts.reduce((sum, count) => sum + count.planned, 0);
  const ofClosedLoop = counts.reduce((sum, count) => sum + count.ofClosedLoop, 0);
  return { bytes: (planned + ofClosedLoop) * bytesPerRequest, certainBytes: planned * bytesPerRequest };
}

/** That of the one which may take most. */
export function largestNeed(needs: readonly MemoryNeed[]): MemoryNeed {
  const largest = (key: keyof MemoryNeed) => needs.reduce((most, need) => Math.max(most, need[key]), 0);
  return { bytes: largest('bytes'), certainBytes: largest('certainBytes') };
}

/**
 * Tells people where a computation takes more than half of the memory that is free.
 * @throws MemoryError where what it takes for certain is more than there is
 */
export function requireMemory(
  { bytes, certainBytes }: MemoryNeed,
  notify: (text: string) => void = () => {},
  freeBytes = freeMemoryBytes(),
): void {
  const free = `${gigabytes(freeBytes)} GB are free`;
  if (certainBytes > freeBytes)
    throw new MemoryError(`this takes about ${gigabytes(certainBytes)} GB of memory, and ${free}`);
  if (bytes <= freeBytes / 2) return;
  const upTo = certainBytes < bytes ? 'up to' : 'about';
  notify(`this takes ${upTo} ${gigabytes(bytes)} GB of memory, and ${free}; ${TAKES_LESS}`);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toPrecision(2);
}
