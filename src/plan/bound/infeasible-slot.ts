import { busiestShare, type HostSide, hostSideOf, hostUse, leastNetworkDelay } from '../host-side.js';
import { fitsMemory } from '../memory.js';
import type { ModelReplica, Slot } from '../placement.js';
import { type PlanProblem, partsOf, type Workload } from '../problem-setting.js';
import { holdsRequests } from '../screen.js';
import { busiestInstances } from '../serving.js';
import { mostSideBySide, slotCapacityOf, takesShared } from '../slot-capacity.js';
import { leastInferences, shortestAnswerMs, usesOf, waitMs } from './called.js';
import { chanceOf } from './chance.js';
import { type DeviceTime, leastDeviceTime, ROUNDING_MS, together } from './device-time.js';
import { leastSize } from './least-load.js';

/**
 * Whether a device cannot do what is put on it in any case: batches are smaller than a request, its memory, its time even in the best of
 * the batches allowed, the threads of its front end or its links are too few, or a limit is shorter than
 * what every request takes. Sound, so that nothing that does is called infeasible.
 */
export function isInfeasible(problem: PlanProblem, slot: Slot): boolean {
  if (!fitsMemory(problem, slot)) return true;
  if (
    !slot.modelReplicas.every(({ workload, option }) => holdsRequests(problem.workloads[workload]!, option))
  )
    return true;
  if (slot.modelReplicas.some((modelReplica) => isTooSlow(problem, slot.kind, modelReplica))) return true;
  const { slotKinds, machines, days } = problem;
  const kind = slotKinds[slot.kind]!;
  const has = hostSideOf(machines[kind.machine]!, kind);
  const capacity = slotCapacityOf(problem, slot.kind);
  return days.some((_, day) => {
    const needs = slot.modelReplicas.map((modelReplica) => leastNeed(problem, slot.kind, modelReplica, day));
    const hosts = needs.map(({ host }) => host);
    if (together(needs).inferS > capacity * MARGIN || busiestShare(has, hosts) > MARGIN) return true;
    return needs.some(
      ({ instanceS }, i) => instanceS > busiestInstances(problem, slot.modelReplicas[i]!) * MARGIN,
    );
  });
}

/** Service times vary around their means. */
const MARGIN = 1.05;

/** Whether even a request that meets nobody is late. */
function isTooSlow(problem: PlanProblem, kind: number, modelReplica: ModelReplica): boolean {
  const workload = problem.workloads[modelReplica.workload]!;
  const profile = workload.profiles[kind];
  if (profile === undefined) return true;
  const slot = problem.slotKinds[kind]!;
  const machine = problem.machines[slot.machine]!;
  const has = hostSideOf(machine, slot);
  const shortestMs = shortestAnswerMs(workload, kind);
  return workload.counts[0]!.tenants.some((count) => {
    const { limitMs = Infinity } = problem.spec.tenants[count.tenant]!.slo ?? {};
    const { beforeMs, afterMs } = leastNetworkDelay(
      has,
      machine.network,
      profile,
      leastSize(problem, workload, count),
    );
    const leastMs = beforeMs + shortestMs + afterMs;
    return count.requests > count.leftOut && leastMs > limitMs + ROUNDING_MS;
  });
}

interface SlotNeed extends DeviceTime {
  readonly host: HostSide;
}

/** What a replica takes at least per second, in the best of the batches that its option allows. */
function leastNeed(problem: PlanProblem, kind: number, modelReplica: ModelReplica, day: number): SlotNeed {
  const workload = problem.workloads[modelReplica.workload]!;
  const { maxBatchSize } = modelReplica.option;
  const { largestRequest, counts } = workload;
  const { seconds, tenants } = counts[day]!;
  const { inferencesPerS, ...flow } = leastFlow(problem, workload, modelReplica.replicas, day);
  const executed = {
    requests: flow.requestsPerS * seconds,
    inferences: inferencesPerS * seconds,
    leftOut: tenants.reduce((sum, { leftOut }) => sum + leftOut, 0),
    largest: largestRequest,
    mostTogether: maxBatchSize,
  };
  const load = { tenants: [], seconds };
  const uses = usesOf(workload);
  const times = partsOf(workload).map((part) => {
    // Of tokens counts are not known here.
    if (part.engine !== undefined) return { inferS: 0, instanceS: 0 };
    const profile = part.profiles[kind]!;
    const time = leastDeviceTime(profile, load, {
      maxBatchSize,
      chance: chanceOf(profile, mostSideBySide(problem, kind)),
      inferences: leastInferences(uses.get(part.model)!, executed, true),
      waitMs: (batch) => waitMs(workload, part, kind, batch / largestRequest),
    });
    return takesShared(problem.slotKinds[kind]!, profile) ? time : { ...time, inferS: 0 };
  });
  return { host: hostUse(workload.profiles[kind]!, flow), ...together(times) };
}

/** One replica's part; all that may be late may be late there. */
function leastFlow(problem: PlanProblem, workload: Workload, replicas: number, day: number) {
  const { tenants, seconds } = workload.counts[day]!;
  const flow = { requestsPerS: 0, inferencesPerS: 0, requestBytesPerS: 0, responseBytesPerS: 0 };
  for (const count of tenants) {
    const requestsPerS = Math.max(0, Math.floor(count.requests / replicas) - count.leftOut) / seconds;
    const { requestBytes, responseBytes } = leastSize(problem, workload, count);
    flow.requestsPerS += requestsPerS;
    flow.inferencesPerS += requestsPerS * count.smallest;
    flow.requestBytesPerS += requestsPerS * requestBytes;
    flow.responseBytesPerS += requestsPerS * responseBytes;
  }
  return flow;
}
