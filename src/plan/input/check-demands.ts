import type { ModelProfile } from '../../profile/profile.js';
import type { Findings } from '../../scenario/check/findings.js';
import { planSlowdown, slowerOnSlice } from '../../scenario/mig-neighbours.js';
import type { Trace } from '../../trace/trace.js';
import { bytesPerInference, countsOf, inferencesPerRequest, leastLoads } from '../bound/least-load.js';
import { hostSideOf, outsideMs, type RequestFlow, type RequestSize } from '../host-side.js';
import type { ServingOption } from '../placement.js';
import type { PlanProblem, Workload } from '../problem-setting.js';
import type { PlanSpec } from '../spec.js';

/** A plan as far as it is known before its workloads are. */
type PlanSetting = Omit<PlanProblem, 'workloads' | 'options' | 'current'>;

/** The models that are asked for, with all that the search wants to know of their loads. */
export function resolveWorkloads(setting: PlanSetting, profiles: readonly ModelProfile[]): Workload[] {
  const { spec, slotKinds } = setting;
  const models = [...new Set(spec.tenants.map(({ model }) => model))];
  return models.map((model) => {
    const tenants = spec.tenants.flatMap((tenant, t) => (tenant.model === model ? [t] : []));
    const found = slotKinds.map(({ device, mode, machine }) => {
      const profile = profiles.find((each) => each.model === model && each.device === device);
      if (profile === undefined || mode !== 'mig') return profile;
      return slowerOnSlice(profile, planSlowdown(device, spec.machines[machine]!.neighbourSlowdown));
    });
    return workloadOf(setting, model, tenants, found);
  });
}

function workloadOf(
  setting: PlanSetting,
  model: string,
  tenants: number[],
  profiles: Workload['profiles'],
): Workload {
  const { spec, days, slotKinds, machines } = setting;
  const limitsMs = tenants.map((t) => spec.tenants[t]!.slo?.limitMs ?? Infinity);
  const payload = leastPayload(profiles);
  const flow = flowOf(setting, tenants, payload);
  const mean: RequestSize = {
    requestBytes: flow.requestsPerS === 0 ? 0 : flow.requestBytesPerS / flow.requestsPerS,
    responseBytes: flow.requestsPerS === 0 ? 0 : flow.responseBytesPerS / flow.requestsPerS,
  };
  return {
    model,
    tenants,
    ratePerS:
      tenants.reduce((sum, t) => sum + inferencesOf(days[0]!.traces[t]!, spec, t), 0) / spec.durationS,
    largestRequest: Math.max(
      ...tenants.flatMap((t) => days.map(({ traces }) => largestOf(traces[t]!, spec, t))),
    ),
    limitMs: Math.min(...limitsMs),
    profiles,
    payload,
    flow,
    outsideMs: profiles.map((profile, kind) => {
      const slot = slotKinds[kind]!;
      const machine = machines[slot.machine]!;
      return profile === undefined ? 0 : outsideMs(hostSideOf(machine, slot), machine.network, profile, mean);
    }),
    counts: leastLoads(setting, { tenants }, 'run').map(countsOf),
  };
}

function leastPayload(profiles: Workload['profiles']): RequestSize {
  const known = profiles.flatMap((profile) => profile?.payload ?? []);
  return {
    requestBytes: known.reduce((least, { requestBytes }) => Math.min(least, requestBytes), Infinity),
    responseBytes: known.reduce((least, { responseBytes }) => Math.min(least, responseBytes), Infinity),
  };
}

/** All requests of the first day and their bytes. */
function flowOf({ spec, days }: PlanSetting, tenants: readonly number[], payload: RequestSize): RequestFlow {
  const sum = (of: (t: number) => number) => tenants.reduce((all, t) => all + of(t), 0) / spec.durationS;
  const traceOf = (t: number) => days[0]!.traces[t]!;
  const each = (t: number) => bytesPerInference(spec.tenants[t]!, payload);
  return {
    requestsPerS: sum((t) => traceOf(t).arrivalUs.length),
    requestBytesPerS: sum((t) => {
      const { batchSize, payloadBytes } = traceOf(t);
      if (payloadBytes === undefined) return inferencesOf(traceOf(t), spec, t) * each(t).requestBytes;
      // A row without a size carries what its inferences do.
      const inferences = (row: number) => batchSize?.[row] ?? inferencesPerRequest(spec.tenants[t]!);
      return payloadBytes.reduce(
        (all, bytes, row) => all + (bytes || inferences(row) * each(t).requestBytes),
        0,
      );
    }),
    responseBytesPerS: sum((t) => inferencesOf(traceOf(t), spec, t) * each(t).responseBytes),
  };
}

function inferencesOf({ arrivalUs, batchSize }: Trace, { tenants }: PlanSpec, t: number): number {
  const said = batchSize?.reduce((sum, size) => sum + size, 0);
  return said ?? arrivalUs.length * inferencesPerRequest(tenants[t]!);
}

function largestOf({ batchSize }: Trace, { tenants }: PlanSpec, t: number): number {
  return batchSize?.reduce((most, size) => Math.max(most, size), 1) ?? inferencesPerRequest(tenants[t]!);
}

/** Triton refuses requests that are larger than its batches. */
export function checkBatchesHold(
  workloads: readonly Workload[],
  options: readonly ServingOption[],
  findings: Findings,
): void {
  const most = Math.max(...options.map(({ maxBatchSize }) => maxBatchSize));
  for (const { model, largestRequest } of workloads) {
    if (largestRequest <= most) continue;
    findings.problem(
      ['batching', 'maxBatchSizes'],
      `"${model}" gets requests of ${largestRequest} inferences, more than any of the batches`,
      `write ${largestRequest} or more besides`,
    );
  }
}
