import { remembered } from '../../base/remembered.js';
import { costlessProfile, isCostless } from '../../profile/costless.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { Findings } from '../../scenario/check/findings.js';
import { slowdownOfSlice, slowerOnSlice } from '../../scenario/mig-neighbours.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { Trace } from '../../trace/trace.js';
import { callsOf } from '../bound/called.js';
import { bytesPerInference, countsOf, inferencesPerRequest, leastLoads } from '../bound/least-load.js';
import { hostSideOf, outsideMs, type RequestFlow, type RequestSize } from '../host-side.js';
import type { ServingOption } from '../placement.js';
import { type PlanSetting, partsOf, type ServedPart, type Workload } from '../problem-setting.js';
import { holdsRequests } from '../screen.js';
import type { PlanSpec } from '../spec.js';
import { isOnHost, type PlannedModel, type PlannedWorkload, profileOf } from './check-models.js';
import { meanTokens, ofParts } from './of-parts.js';
import { entryOf, withBatchesOfCalls, withWorkShares } from './together.js';

/** The models that are asked for, with all that the search wants to know of their loads. */
export function resolveWorkloads(
  setting: PlanSetting,
  planned: readonly PlannedWorkload[],
  profiles: readonly ModelProfile[],
): Workload[] {
  return planned.map(({ entries: asked, parts: models, ensembles }) => {
    const tenants = setting.spec.tenants.flatMap((tenant, t) => (asked.includes(tenant.model) ? [t] : []));
    const largestRequest = largestRequestOf(setting, tenants);
    const largestCall = Math.max(
      0,
      ...models.flatMap((part) => callsOf(part)).map(({ inferences = 0 }) => inferences),
    );
    const largest = Math.max(largestRequest, largestCall);
    const alone = models.map((part) => servedPart(setting, part, { profiles, largestRequest: largest }));
    const [own] = alone;
    if (asked.length === 1 && ensembles.length === 0 && (own!.calls ?? own!.engine) === undefined)
      return workloadOf(setting, tenants, own!);
    const limited = withBatchesOfCalls(alone, ensembles);
    const limits = limited.map(({ mostBatch = Infinity }) => mostBatch);
    const together = {
      model: asked.join(' + '),
      ...(asked.length > 1 && { entries: asked.map((model) => entryOf(setting, tenants, model)) }),
      mostBatch: Math.max(...limits),
      ensembles,
    };
    const parts = withWorkShares({ ...together, profiles: [], parts: limited });
    const ofAll = { ...together, parts, largestRequest, profiles: [] };
    const tokens = meanTokens(tenants.map((t) => setting.days[0]!.traces[t]!));
    const ownProfiles = setting.slotKinds.map((_, kind) => ofParts(ofAll, kind, tokens));
    return {
      ...workloadOf(setting, tenants, { ...together, parts, profiles: ownProfiles }),
      ...(largestCall > 0 && { largestCall }),
    };
  });
}

function servedPart(
  { spec, slotKinds, isSure }: PlanSetting,
  planned: PlannedModel,
  {
    profiles,
    largestRequest,
  }: { readonly profiles: readonly ModelProfile[]; readonly largestRequest: number },
): ServedPart {
  const { profileNames: _, path: __, config, ...told } = planned;
  const { model, calls, responses, fields } = told;
  const onHost = isOnHost(planned);
  const costless = new Map<string, ModelProfile>();
  const found = slotKinds.map(({ device: there, mode, machine }) => {
    const device = onHost ? CPU_KIND : there;
    const known = profileOf(planned, device, profiles);
    const isFree = known === undefined && calls !== undefined;
    const profile = isFree ? remembered(costless, device, () => costlessProfile(model, device)) : known;
    if (profile === undefined || mode !== 'mig' || onHost) return profile;
    const { least, most } = slowdownOfSlice(there, spec.machines[machine]!.neighbourSlowdown);
    return slowerOnSlice(profile, isSure ? most : least);
  });
  const most = mostBatchOf(spec, config, found, largestRequest);
  return {
    ...told,
    profiles: found,
    ...(most !== undefined && { mostBatch: most }),
    ...(config?.maxBatchSize === 0 && { isUnbatched: true }),
    ...(config?.sequences !== undefined && {
      slots: fields?.sequence_batching?.oldest?.max_candidate_sequences || ('batch' as const),
    }),
    ...((onHost || calls !== undefined) && { leastInstances: instancesIn(config) }),
    ...((calls ?? responses) !== undefined && { times: 1 + spec.marginPercent / 100 }),
  };
}

/** Instances that a configuration has in all; 1 where it does not say. */
function instancesIn(config: ModelConfig | undefined): number {
  const groups = config?.instanceGroups.filter(({ passive }) => !passive) ?? [];
  return Math.max(
    1,
    groups.reduce((sum, { count }) => sum + count, 0),
  );
}

/** What its configuration allows; of its own accord a plan tries no batch that no profile of it knows. */
function mostBatchOf(
  { batching }: PlanSpec,
  config: ModelConfig | undefined,
  profiles: Workload['profiles'],
  largestRequest: number,
): number | undefined {
  const measured = profiles.flatMap((profile) =>
    profile === undefined || isCostless(profile) ? [] : profile.service.map(({ batchSize }) => batchSize),
  );
  const limits = [
    ...(config === undefined || config.maxBatchSize === 0 ? [] : [config.maxBatchSize]),
    ...(batching.maxBatchSizes === undefined && measured.length > 0
      ? [Math.max(neededBatch(largestRequest), ...measured)]
      : []),
  ];
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function workloadOf<Part extends ServedPart & Pick<Workload, 'parts'>>(
  setting: PlanSetting,
  tenants: number[],
  part: Part,
): Part & Workload {
  const { profiles } = part;
  const { spec, days, slotKinds, machines } = setting;
  // An engine has its first response long before its execution is over.
  const hasEngine = part.parts?.some(({ engine }) => engine !== undefined) ?? false;
  const limitsMs = tenants.flatMap((t) => {
    const { limitMs = Infinity, firstResponseMs = Infinity } = spec.tenants[t]!.slo ?? {};
    return hasEngine ? [limitMs] : [limitMs, firstResponseMs];
  });
  const payload = leastPayload(profiles);
  const flow = flowOf(setting, tenants, payload);
  const mean: RequestSize = {
    requestBytes: flow.requestsPerS === 0 ? 0 : flow.requestBytesPerS / flow.requestsPerS,
    responseBytes: flow.requestsPerS === 0 ? 0 : flow.responseBytesPerS / flow.requestsPerS,
  };
  return {
    ...part,
    tenants,
    ratePerS:
      tenants.reduce((sum, t) => sum + inferencesOf(days[0]!.traces[t]!, spec, t), 0) / spec.durationS,
    largestRequest: largestRequestOf(setting, tenants),
    ...sequencesOf(setting, tenants),
    limitMs: Math.min(...limitsMs),
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

/** Most sequences under way at once, each from its first request to its last. */
function sequencesOf({ days }: PlanSetting, tenants: readonly number[]): Pick<Workload, 'sequencesInFlight'> {
  const peaks = days.map(({ traces }) => peakOf(tenants.map((t) => traces[t]!)));
  const most = Math.max(...peaks);
  return most === 0 ? {} : { sequencesInFlight: most };
}

function peakOf(traces: readonly Trace[]): number {
  const changes = traces.flatMap(({ sequenceId, arrivalUs }) => {
    const spans = new Map<number, { fromUs: number; toUs: number }>();
    for (const [row, id] of (sequenceId ?? []).entries()) {
      if (id === 0) continue;
      const span = remembered(spans, id, () => ({ fromUs: arrivalUs[row]!, toUs: 0 }));
      span.toUs = arrivalUs[row]!;
    }
    return [...spans.values()].flatMap(({ fromUs, toUs }) => [
      { atUs: fromUs, by: 1 },
      { atUs: toUs, by: -1 },
    ]);
  });
  let [now, peak] = [0, 0];
  for (const { by } of changes.sort((a, b) => a.atUs - b.atUs || b.by - a.by)) {
    now += by;
    peak = Math.max(peak, now);
  }
  return peak;
}

function largestRequestOf({ spec, days }: PlanSetting, tenants: readonly number[]): number {
  return Math.max(...tenants.flatMap((t) => days.map(({ traces }) => largestOf(traces[t]!, spec, t))));
}

export const USUAL_BATCH_SIZES = [1, 4, 8, 16, 32];

/** The smallest of the usual batches that holds a request. */
function neededBatch(largestRequest: number): number {
  return USUAL_BATCH_SIZES.find((size) => size >= largestRequest) ?? 1;
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
  const path = ['batching', 'maxBatchSizes'];
  for (const workload of workloads) {
    const { model, largestCall = 0 } = workload;
    const largestRequest = Math.max(workload.largestRequest, largestCall);
    const requests = `"${model}" gets requests${largestCall > workload.largestRequest ? ' or calls' : ''} of ${largestRequest} inferences`;
    const tooSmall = sizesOf(workload).find(([, size]) => size < largestRequest);
    if (largestRequest > most)
      findings.problem(
        path,
        `${requests}, more than any of the batches`,
        `write ${largestRequest} or more besides`,
      );
    else if (tooSmall !== undefined)
      findings.problem(
        ['models'],
        `${requests}, and max_batch_size of "${tooSmall[0]}" is ${tooSmall[1]}`,
        'write smaller requests',
      );
    else if (!options.some((option) => holdsRequests(workload, option)))
      findings.problem(
        path,
        `none is a batch that "${model}" may have`,
        `write ${workload.mostBatch} or less besides`,
      );
  }
}

/** The largest batches that models of a workload may have, by name. */
function sizesOf(workload: Workload): readonly (readonly [string, number])[] {
  const own = partsOf(workload).map(({ model, mostBatch = Infinity }) => [model, mostBatch] as const);
  const ensembles = (workload.ensembles ?? []).flatMap(({ model, fields }) =>
    fields.max_batch_size ? [[model, fields.max_batch_size] as const] : [],
  );
  return [...own, ...ensembles];
}
