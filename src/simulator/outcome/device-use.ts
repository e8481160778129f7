import { remembered } from '../../base/remembered.js';
import { Roster } from '../../scenario/changes.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../component-result.js';
import { doubled } from '../containers/doubled.js';
import type { DeviceUse } from '../result.js';
import type { Presence } from './presence.js';

/** Slices of a device's time line. */
const TIMELINE_BINS = 120;

/** Busy share of a device, and in equal slices of the run. */
export type DeviceBusy = Pick<DeviceUse, 'busyShare' | 'timeline'>;

/** How busy each device was, from the inference phases of all executions on it. */
export function deviceUse(
  scenario: Scenario,
  results: readonly ComponentResult[],
  presence?: Presence,
): DeviceUse[] {
  const durationNs = scenario.durationUs * 1000;
  const byServer = collectIntervals(scenario, results);
  const memoryMb = mostMemoryMb(scenario);
  return scenario.servers.flatMap((server, s) =>
    server.devices.map((device, d) => {
      const { startNs, endNs, busyUsByTenant } = byServer[s]![d]!;
      return {
        server: server.name,
        device: device.name,
        kind: device.kind,
        ...deviceBusy(ascending(startNs), ascending(endNs), durationNs),
        busyUsByTenant,
        memoryUsedMb: memoryMb[s]![d]!,
        memoryMb: device.memoryMb,
        ...(presence !== undefined && { presentShare: presence.devices[s]![d]! }),
      };
    }),
  );
}

/** From the starts and the ends of the inference phases on a device, which ascend each for themselves. */
export function deviceBusy(startNs: Float64Array, endNs: Float64Array, durationNs: number): DeviceBusy {
  const busyNs = binnedUnion(startNs, endNs, durationNs, TIMELINE_BINS);
  const binNs = durationNs / TIMELINE_BINS;
  return {
    busyShare: busyNs.reduce((sum, ns) => sum + ns, 0) / durationNs,
    timeline: Array.from(busyNs, (ns) => ns / binNs),
  };
}

/** What a device did, in columns that grow with what was executed there. */
class DeviceIntervals {
  readonly busyUsByTenant = new Map<string, number>();
  #startNs = new Float64Array(64);
  #endNs = new Float64Array(64);
  #length = 0;

  get startNs(): Float64Array {
    return this.#startNs.subarray(0, this.#length);
  }

  get endNs(): Float64Array {
    return this.#endNs.subarray(0, this.#length);
  }

  add(startNs: number, endNs: number): void {
    if (this.#length === this.#startNs.length) {
      this.#startNs = doubled(this.#startNs);
      this.#endNs = doubled(this.#endNs);
    }
    this.#startNs[this.#length] = startNs;
    this.#endNs[this.#length++] = endNs;
  }
}

/** By server and device. */
function collectIntervals(
  scenario: Scenario,
  results: readonly ComponentResult[],
): readonly (readonly DeviceIntervals[])[] {
  const byServer = scenario.servers.map(({ devices }) => devices.map(() => new DeviceIntervals()));
  const durationNs = scenario.durationUs * 1000;
  const positions = new Int32Array(scenario.tenants.length);
  for (const result of results) {
    const { component, executions, requests } = result;
    const own = devicesOf(result, byServer);
    for (let i = 0; i < executions.length; i++) {
      const startNs = executions.inferStartNs[i]!;
      if (startNs < durationNs)
        own.of(executions, i)?.device.add(startNs, byEndOfRun(executions.inferEndNs[i]!, durationNs));
    }
    component.tenants.forEach((tenant, position) => {
      positions[tenant] = position;
    });
    for (let row = 0; row < requests.length; row++) {
      const execution = requests.execution[row]!;
      if (execution < 0) continue;
      const used = own.of(executions, execution);
      if (used === undefined) continue;
      used.busyUs[positions[requests.tenant[row]!]!]! += requestDeviceUs(result, row, durationNs);
    }
    for (const { device, busyUs } of own.all) {
      for (const [position, us] of busyUs.entries())
        if (us > 0) device.busyUsByTenant.set(scenario.tenants[component.tenants[position]!]!.name, us);
    }
  }
  return byServer;
}

interface UsedDevice {
  readonly device: DeviceIntervals;
  /** By tenant of the component. */
  readonly busyUs: Float64Array;
}

/** The devices of a component, and which of them each execution had; undefined on a host whose cores are no device. */
function devicesOf(
  { component: { served, tenants }, deviceOf }: ComponentResult,
  byServer: readonly (readonly DeviceIntervals[])[],
) {
  const used = new Map<DeviceIntervals, UsedDevice>();
  const byInstance = deviceOf.map((devices, m) =>
    devices.map((index) => {
      const device = byServer[served[m]!.server]![index];
      if (device === undefined) return undefined;
      return remembered(used, device, () => ({ device, busyUs: new Float64Array(tenants.length) }));
    }),
  );
  return {
    all: used.values(),
    of: ({ model, instance }: ComponentResult['executions'], execution: number) =>
      byInstance[model[execution]!]![instance[execution]!],
  };
}

/**
 * Microseconds that an inference had of its device until the run ended, in single precision as the log has such times.
 * @param startNs NaN where it has not begun
 * @param endNs NaN where it has not ended
 */
export function deviceUs(startNs: number, endNs: number, durationNs: number): number {
  return startNs < durationNs ? Math.fround((byEndOfRun(endNs, durationNs) - startNs) / 1000) : 0;
}

/** What a request that was executed had of its device: its share of its execution, or of all steps of an engine that it was part of. */
export function requestDeviceUs(
  { requests, executions }: Pick<ComponentResult, 'requests' | 'executions'>,
  row: number,
  durationNs: number,
): number {
  const ofSteps = requests.deviceUs?.[row];
  if (ofSteps !== undefined) return ofSteps;
  const execution = requests.execution[row]!;
  const share = requests.size[row]! / executions.batch[execution]!;
  return share * deviceUs(executions.inferStartNs[execution]!, executions.inferEndNs[execution]!, durationNs);
}

function byEndOfRun(endNs: number, durationNs: number): number {
  return Number.isNaN(endNs) ? durationNs : Math.min(endNs, durationNs);
}

/** Sorted, which executions of one device mostly are already. */
function ascending(values: Float64Array): Float64Array {
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) return values.slice().sort();
  return values;
}

/** Time within each of `bins` equal parts of the run that is covered by at least one interval; both columns ascend. */
function binnedUnion(
  starts: Float64Array,
  ends: Float64Array,
  durationNs: number,
  bins: number,
): Float64Array {
  const covered = new Float64Array(bins);
  let next = 0;
  while (next < starts.length) {
    const from = starts[next]!;
    let last = next;
    // The k-th start and the k-th end in order bound the union as the intervals themselves do.
    while (last + 1 < starts.length && starts[last + 1]! <= ends[last]!) last++;
    cover(covered, from, ends[last]!, durationNs);
    next = last + 1;
  }
  return covered;
}

function cover(covered: Float64Array, fromNs: number, toNs: number, durationNs: number): void {
  const binNs = durationNs / covered.length;
  let bin = Math.min(covered.length - 1, Math.floor(fromNs / binNs));
  for (let at = fromNs; at < toNs && bin < covered.length; bin++) {
    const edge = bin === covered.length - 1 ? toNs : Math.min(toNs, (bin + 1) * binNs);
    covered[bin]! += edge - at;
    at = edge;
  }
}

/** What models keep on each device, by server and device: the most at any time. */
export function mostMemoryMb(scenario: Scenario): number[][] {
  const roster = new Roster(scenario);
  const most = scenario.servers.map(({ devices }, s) =>
    devices.map((_, d) => memoryMb(scenario, roster, s, d)),
  );
  for (const change of scenario.changes ?? []) {
    roster.apply(change);
    const own = most[change.server]!;
    for (const d of own.keys()) own[d] = Math.max(own[d]!, memoryMb(scenario, roster, change.server, d));
  }
  return most;
}

function memoryMb({ servers }: Scenario, roster: Roster, server: number, device: number): number {
  let total = 0;
  for (const model of servers[server]!.models.keys()) {
    const here = roster.instances({ server, model }).filter((instance) => instance.device === device);
    if (here.length === 0) continue;
    const { memory } = here[0]!.profile;
    total += memory.modelMb + here.length * memory.perInstanceMb;
  }
  return total;
}
