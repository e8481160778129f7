import { type Change, isDeviceThereFirst, isServerThereFirst } from '../../scenario/changes.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../component-result.js';

/** For which share of a run, 0..1, servers and their devices were there. */
export interface Presence {
  readonly servers: readonly number[];
  /** By server and device; a device is not there while its server is not. */
  readonly devices: readonly (readonly number[])[];
}

/**
 * How long servers and devices were there: from when they were added until what was removed had ended what it held, in
 * all components. Undefined where nothing comes or goes.
 */
export function presenceOf(scenario: Scenario, results: readonly ComponentResult[]): Presence | undefined {
  const { changes = [], servers } = scenario;
  if (changes.length === 0) return undefined;
  const runNs = scenario.durationUs * 1000;
  const goneNs = changes.map(({ atUs }) => atUs * 1000);
  for (const { departures } of results)
    for (const { change, atNs } of departures) goneNs[change] = Math.max(goneNs[change]!, atNs);
  const steps = changes.map((change, i): Step => ({ change, goneNs: Math.min(goneNs[i]!, runNs) }));
  const serverSpans = servers.map((_, s) =>
    spansOf(
      steps.filter(({ change }) => isOfServer(change, s)),
      isServerThereFirst(changes, s),
      runNs,
    ),
  );
  return {
    servers: serverSpans.map((spans) => lengthNs(spans) / runNs),
    devices: servers.map(({ devices }, s) =>
      devices.map((_, d) => {
        const own = spansOf(
          steps.filter(({ change }) => isOfDevice(change, s, d)),
          isDeviceThereFirst(changes, s, d),
          runNs,
        );
        return lengthNs(common(own, serverSpans[s]!)) / runNs;
      }),
    ),
  };
}

/** A change and, where it removes something, when that was gone. */
interface Step {
  readonly change: Change;
  readonly goneNs: number;
}

interface Span {
  readonly fromNs: number;
  toNs: number;
}

function isOfServer(change: Change, server: number): boolean {
  return (change.do === 'addServer' || change.do === 'removeServer') && change.server === server;
}

function isOfDevice(change: Change, server: number, device: number): boolean {
  const isDevice = change.do === 'addDevice' || change.do === 'removeDevice';
  return isDevice && change.server === server && change.device === device;
}

/** When something was there, by its additions and removals in order of time. */
function spansOf(steps: readonly Step[], isThereFirst: boolean, runNs: number): Span[] {
  const spans: Span[] = isThereFirst ? [{ fromNs: 0, toNs: runNs }] : [];
  for (const { change, goneNs } of steps) {
    const last = spans.at(-1);
    const atNs = change.atUs * 1000;
    if (change.do === 'removeServer' || change.do === 'removeDevice') last!.toNs = goneNs;
    // What is added again before it was gone has been there all the time.
    else if (last !== undefined && last.toNs >= atNs) last.toNs = runNs;
    else spans.push({ fromNs: atNs, toNs: runNs });
  }
  return spans;
}

function common(a: readonly Span[], b: readonly Span[]): Span[] {
  return a.flatMap((one) =>
    b.map((other) => ({
      fromNs: Math.max(one.fromNs, other.fromNs),
      toNs: Math.min(one.toNs, other.toNs),
    })),
  );
}

function lengthNs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromNs, toNs }) => sum + Math.max(0, toNs - fromNs), 0);
}
