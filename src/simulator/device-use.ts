import { remembered } from '../base/remembered.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ComponentResult } from './component-run.js';
import { doubled } from './doubled.js';
import type { DeviceUse } from './result.js';

/** Slices of a device's time line. */
const TIMELINE_BINS = 120;

/** How busy each device was, from the inference phases of all executions on it. */
export function deviceUse(scenario: Scenario, results: readonly ComponentResult[]): DeviceUse[] {
  const intervals = collectIntervals(scenario, results);
  return scenario.servers.flatMap((server, s) =>
    server.devices.map((device, d) => {
      const own = intervals.get(`${s} ${d}`) ?? new DeviceIntervals();
      const { busyUsByTenant } = own;
      const busyNs = binnedUnion(own.sorted(), scenario.durationUs * 1000, TIMELINE_BINS);
      const binNs = (scenario.durationUs * 1000) / TIMELINE_BINS;
      return {
        server: server.name,
        device: device.name,
        kind: device.kind,
        busyShare: busyNs.reduce((sum, ns) => sum + ns, 0) / (scenario.durationUs * 1000),
        busyUsByTenant,
        memoryUsedMb: memoryUsedMb(scenario, s, d),
        memoryMb: device.memoryMb,
        timeline: Array.from(busyNs, (ns) => ns / binNs),
      };
    }),
  );
}

/** When a device was busy, and with whose requests. */
class DeviceIntervals {
  readonly busyUsByTenant = new Map<string, number>();
  #length = 0;
  #startNs = new Float64Array(256);
  #endNs = new Float64Array(256);

  add(startNs: number, endNs: number): void {
    if (this.#length === this.#startNs.length) {
      this.#startNs = doubled(this.#startNs);
      this.#endNs = doubled(this.#endNs);
    }
    this.#startNs[this.#length] = startNs;
    this.#endNs[this.#length++] = endNs;
  }

  /** All starts and all ends, each in ascending order; to be asked for once. */
  sorted(): { readonly starts: Float64Array; readonly ends: Float64Array } {
    const column = (ns: Float64Array) => ns.subarray(0, this.#length).sort();
    return { starts: column(this.#startNs), ends: column(this.#endNs) };
  }
}

function collectIntervals(
  scenario: Scenario,
  results: readonly ComponentResult[],
): Map<string, DeviceIntervals> {
  const byDevice = new Map<string, DeviceIntervals>();
  const durationNs = scenario.durationUs * 1000;
  for (const { component, executions, requests } of results) {
    const deviceOf = (execution: number) => {
      const ref = component.served[executions.model[execution]!]!;
      const model = scenario.servers[ref.server]!.models[ref.model]!;
      return `${ref.server} ${model.instances[executions.instance[execution]!]!.device}`;
    };
    for (let i = 0; i < executions.length; i++) {
      const startNs = executions.inferStartNs[i]!;
      if (!(startNs < durationNs)) continue;
      const device = remembered(byDevice, deviceOf(i), () => new DeviceIntervals());
      device.add(startNs, byEndOfRun(executions.inferEndNs[i]!, durationNs));
    }
    for (let row = 0; row < requests.length; row++) {
      const execution = requests.execution[row]!;
      if (execution < 0) continue;
      const { busyUsByTenant } = remembered(byDevice, deviceOf(execution), () => new DeviceIntervals());
      const name = scenario.tenants[requests.tenant[row]!]!.name;
      const share = requests.size[row]! / executions.batch[execution]!;
      const busyUs = deviceUs(
        executions.inferStartNs[execution]!,
        executions.inferEndNs[execution]!,
        durationNs,
      );
      busyUsByTenant.set(name, (busyUsByTenant.get(name) ?? 0) + busyUs * share);
    }
  }
  return byDevice;
}

/**
 * Microseconds that an inference had of its device until the run ended, in single precision as the log has such times.
 * @param startNs NaN where it has not begun
 * @param endNs NaN where it has not ended
 */
export function deviceUs(startNs: number, endNs: number, durationNs: number): number {
  return startNs < durationNs ? Math.fround((byEndOfRun(endNs, durationNs) - startNs) / 1000) : 0;
}

function byEndOfRun(endNs: number, durationNs: number): number {
  return Number.isNaN(endNs) ? durationNs : Math.min(endNs, durationNs);
}

/** Time within each of `bins` equal parts of the run that is covered by at least one interval. */
function binnedUnion(
  { starts, ends }: ReturnType<DeviceIntervals['sorted']>,
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

function memoryUsedMb(scenario: Scenario, server: number, device: number): number {
  let total = 0;
  for (const model of scenario.servers[server]!.models) {
    const here = model.instances.filter((instance) => instance.device === device);
    if (here.length === 0) continue;
    const { memory } = here[0]!.profile;
    total += memory.modelMb + here.length * memory.perInstanceMb;
  }
  return total;
}
