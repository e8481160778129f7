import { plural } from '../../base/plural.js';
import { InputError, type Problem } from '../../base/problem.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { suggest } from '../../scenario/check/findings.js';
import type { Scenario, ServedModel, Server, Sharing } from '../../scenario/scenario.js';
import {
  countOn,
  type ModelReplica,
  type Placement,
  type Serving,
  type ServingOption,
  type Slot,
  type SlotKind,
} from '../placement.js';
import { type PlanProblem, partsOf } from '../problem-setting.js';
import { batchOf, instancesOf, queueDelayMsOf } from '../serving.js';
import { type FoundSlot, machinesAsTheyAre, placeByName } from './current-machines.js';

/**
 * A scenario as a placement of the plan: its devices by their kind, its models with the settings that
 * they have. A server is a machine, where it is not named as the plan's own scenarios name parts of one;
 * MIG slices are on as few GPUs as hold them, where nothing says on which.
 * Models that no tenant of the plan asks for are left out.
 * @throws InputError where a device is none of the plan's, or is shared in a way that the plan forbids, where models that a plan
 *   keeps together are apart, and where none of the plan's models is served
 */
export function currentPlacement(problem: PlanProblem, scenario: Scenario): Placement {
  const problems: Problem[] = [];
  const found = scenario.servers.flatMap((server) =>
    serverParts(server).flatMap((part): FoundSlot[] => {
      const slot = slotOf(problem, server, part, problems);
      if (slot === undefined) return [];
      const { machine, slice } = problem.slotKinds[slot.kind]!;
      const place = placeByName(problem.machines[machine]!, server.name);
      if (place !== undefined) return [{ slot, place }];
      // Of a slice that is a server's device by itself nothing says which GPU it is on.
      if (slice !== undefined && part.mode !== 'mig') return [{ slot }];
      return [{ slot, place: { machine: server.name, gpu: part.gpu } }];
    }),
  );
  if (problems.length > 0) throw new InputError(problems);
  if (found.length === 0) throw servesNothing(problem, scenario);
  const slots = found.map(({ slot }) => slot);
  const withAllReplicas = ({ kind, modelReplicas }: Slot): Slot => ({
    kind,
    modelReplicas: modelReplicas.map((modelReplica) =>
      withPlainOption(problem, { ...modelReplica, replicas: countOn(slots, modelReplica.workload) }),
    ),
  });
  return machinesAsTheyAre(
    problem,
    found.map((one) => ({ ...one, slot: withAllReplicas(one.slot) })),
  );
}

function servesNothing({ workloads }: PlanProblem, { servers }: Scenario): InputError {
  const served = servers.flatMap(({ models }) => models.map(({ config }) => config.name));
  const names = suggest(workloads[0]!.model, [...new Set(served)]);
  return InputError.of(
    'none of the models that the plan asks for is served there',
    `${names}; use the same names in both, or leave current out`,
    { path: 'current' },
  );
}

/** A device of a server, the first GPU with its host; where there is none the host: instances there are on several devices or none. */
interface ServerPart {
  readonly kind: string;
  readonly mode: Sharing['mode'];
  /** Name of the GPU within its server; slices of one have the same. */
  readonly gpu: string;
  holds(device: number): boolean;
}

function serverParts({ devices }: Server): ServerPart[] {
  const isOnHost = (device: number) => device < 0 || devices[device]!.kind === CPU_KIND;
  const first = devices.findIndex(({ kind }) => kind !== CPU_KIND);
  if (first < 0) return [{ kind: CPU_KIND, mode: 'streams', gpu: '', holds: isOnHost }];
  return devices.flatMap(({ name, kind, sharing }, own): ServerPart[] => {
    const gpu = sharing.mode === 'mig' ? sharing.parent : name;
    // A plan has models of the host beside a GPU.
    const holds = (device: number) => device === own || (own === first && isOnHost(device));
    return kind === CPU_KIND ? [] : [{ kind, mode: sharing.mode, gpu, holds }];
  });
}

function slotOf(
  problem: PlanProblem,
  server: Server,
  { kind, mode: sharing, holds }: ServerPart,
  problems: Problem[],
): Slot | undefined {
  const modelReplicas = problem.workloads.flatMap(
    (_, workload) => modelReplicaOf(problem, workload, server, holds, problems) ?? [],
  );
  if (modelReplicas.length === 0) return undefined;
  // Kinds of machines whose own name the server has come first: several may have the same devices.
  const isNamed = (machine: number) => placeByName(problem.machines[machine]!, server.name) !== undefined;
  const able = problem.slotKinds
    .map((slot, index) => ({ ...slot, index }))
    .filter((slot) => slot.device === kind && slot.mostModels >= modelReplicas.length)
    .sort((a, b) => Number(isNamed(b.machine)) - Number(isNamed(a.machine)));
  // Models of a slice run as streams there.
  const isSuch = ({ mode }: SlotKind) => mode === sharing || (mode === 'mig' && sharing === 'streams');
  const found = able.find(isSuch) ?? (modelReplicas.length === 1 ? able[0] : undefined);
  if (found !== undefined) return { kind: found.index, modelReplicas };
  problems.push({
    path: 'current',
    what: `on ${kind} of server ${server.name} ${plural(modelReplicas.length, 'is 1 model', `are ${modelReplicas.length} models`)} under ${sharing}, which no kind of machine allows`,
    remedy: 'add the kind of GPU or the way of sharing under machines, or leave current out',
  });
  return undefined;
}

/** A workload on a part of a server; undefined where it is not there. Models that stay together are all on one GPU and the host. */
function modelReplicaOf(
  { workloads }: PlanProblem,
  workload: number,
  server: Server,
  holds: ServerPart['holds'],
  problems: Problem[],
): ModelReplica | undefined {
  const names = partsOf(workloads[workload]!).map(({ model }) => model);
  const served = server.models.filter(({ config }) => names.includes(config.name));
  const onGpus = new Set(served.flatMap(({ instances }) => instances.map(({ device }) => device)));
  for (const device of onGpus)
    if (device < 0 || server.devices[device]!.kind === CPU_KIND) onGpus.delete(device);
  const isHere = ({ instances }: ServedModel) => instances.some(({ device }) => holds(device));
  const isComposed = names.length > 1;
  if (!served.some(isHere) || (isComposed && onGpus.size > 0 && ![...onGpus].some(holds))) return undefined;
  if (isComposed && (served.length < names.length || onGpus.size > 1)) {
    problems.push(notTogether(workloads[workload]!.model, names, server, served));
    return undefined;
  }
  const each = served.map(({ config, instances }) => {
    const serving: Serving = {
      maxBatchSize: config.maxBatchSize,
      queueDelayMs: (config.dynamicBatching?.maxQueueDelayUs ?? 0) / 1000,
      instances: isComposed ? instances.length : instances.filter(({ device }) => holds(device)).length,
    };
    return [config.name, serving] as const;
  });
  const most = (field: keyof Serving) => Math.max(...each.map(([, serving]) => serving[field]));
  const option: ServingOption = {
    maxBatchSize: Math.max(1, most('maxBatchSize')),
    queueDelayMs: most('queueDelayMs'),
    instances: most('instances'),
    ...(isComposed && { each: Object.fromEntries(each) }),
  };
  return { workload, replicas: 1, option };
}

function notTogether(
  model: string,
  names: readonly string[],
  { name }: Server,
  served: readonly ServedModel[],
): Problem {
  const missing = names.filter((one) => served.every(({ config }) => config.name !== one));
  const what =
    missing.length > 0
      ? `server ${name} lacks ${missing.join(', ')}, without which "${model}" cannot be served there`
      : `server ${name} has the models of "${model}" on several GPUs, and a plan keeps them on one`;
  return { path: 'current', what, remedy: 'leave current out, or name a scenario that has them together' };
}

/** The same with an option of the plan, where that gives each of its models the settings that it has. */
function withPlainOption(problem: PlanProblem, { workload: w, ...replica }: ModelReplica): ModelReplica {
  const { each, ...widest } = replica.option;
  if (each === undefined) return { workload: w, ...replica };
  const workload = problem.workloads[w]!;
  const isAsServed = (option: ServingOption) =>
    partsOf(workload).every((part) => {
      const { maxBatchSize, queueDelayMs, instances } = each[part.model]!;
      return (
        batchOf(part, option) === maxBatchSize &&
        // One at a time waits for no others.
        (maxBatchSize <= 1 || queueDelayMsOf(part, option) === queueDelayMs) &&
        instancesOf(problem.spec.survive, workload, part, { ...replica, option }) === instances
      );
    });
  const plain = [...problem.options, widest].find(isAsServed);
  return { workload: w, ...replica, ...(plain !== undefined && { option: plain }) };
}
