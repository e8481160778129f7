import { InputError, type Problem } from '../../base/problem.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { suggest } from '../../scenario/check/findings.js';
import type { Scenario, ServedModel, Server, Sharing } from '../../scenario/scenario.js';
import type { ModelReplica, Placement, ServingOption, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { type FoundSlot, machinesAsTheyAre, placeByName } from './current-machines.js';

/**
 * A scenario as a placement of the plan: its devices by their kind, its models with the settings that
 * they have. A server is a machine, where it is not named as the plan's own scenarios name parts of one;
 * MIG slices are on as few GPUs as hold them, where nothing says on which.
 * Models that no tenant of the plan asks for are left out.
 * @throws InputError where a device is none of the plan's, or is shared in a way that the plan forbids, and where none of the
 *   plan's models is served
 */
export function currentPlacement(problem: PlanProblem, scenario: Scenario): Placement {
  const together = problem.workloads.find(({ parts }) => parts !== undefined);
  if (together !== undefined) {
    const what = `moves of models that stay together, such as those of "${together.model}", are not planned`;
    throw InputError.of(what, 'leave current out', { path: 'current' });
  }
  const problems: Problem[] = [];
  const found = scenario.servers.flatMap((server) =>
    partsOf(server).flatMap((part): FoundSlot[] => {
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
  const replicasOf = (workload: number) =>
    found.filter(({ slot }) => slot.modelReplicas.some((modelReplica) => modelReplica.workload === workload))
      .length;
  const withReplicas = ({ kind, modelReplicas }: Slot): Slot => ({
    kind,
    modelReplicas: modelReplicas.map((modelReplica) => ({
      ...modelReplica,
      replicas: replicasOf(modelReplica.workload),
    })),
  });
  return machinesAsTheyAre(
    problem,
    found.map((one) => ({ ...one, slot: withReplicas(one.slot) })),
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

/** A device of a server, or all of its host: instances there are on several devices or none. */
interface ServerPart {
  readonly kind: string;
  readonly mode: Sharing['mode'];
  /** Name of the GPU within its server; slices of one have the same. */
  readonly gpu: string;
  holds(device: number): boolean;
}

function partsOf({ devices }: Server): ServerPart[] {
  const host: ServerPart = {
    kind: CPU_KIND,
    mode: 'streams',
    gpu: '',
    holds: (device) => device < 0 || devices[device]!.kind === CPU_KIND,
  };
  const others = devices.flatMap(({ name, kind, sharing }, own): ServerPart[] => {
    const gpu = sharing.mode === 'mig' ? sharing.parent : name;
    return kind === CPU_KIND ? [] : [{ kind, mode: sharing.mode, gpu, holds: (device) => device === own }];
  });
  return [...others, host];
}

function slotOf(
  problem: PlanProblem,
  server: Server,
  { kind, mode: sharing, holds }: ServerPart,
  problems: Problem[],
): Slot | undefined {
  const modelReplicas = server.models.flatMap((model) => modelReplicaOf(problem, model, holds) ?? []);
  if (modelReplicas.length === 0) return undefined;
  // Kinds of machines whose own name the server has come first: several may have the same devices.
  const isNamed = (machine: number) => placeByName(problem.machines[machine]!, server.name) !== undefined;
  const able = problem.slotKinds
    .map((slot, index) => ({ ...slot, index }))
    .filter((slot) => slot.device === kind && slot.mostModels >= modelReplicas.length)
    .sort((a, b) => Number(isNamed(b.machine)) - Number(isNamed(a.machine)));
  const found =
    able.find(({ mode }) => mode === sharing) ?? (modelReplicas.length === 1 ? able[0] : undefined);
  if (found !== undefined) return { kind: found.index, modelReplicas };
  problems.push({
    path: 'current',
    what: `on ${kind} of server ${server.name} are ${modelReplicas.length} models under ${sharing}, which no kind of machine allows`,
    remedy: 'add the kind of GPU or the way of sharing under machines, or leave current out',
  });
  return undefined;
}

function modelReplicaOf(
  problem: PlanProblem,
  { config, instances }: ServedModel,
  holds: (device: number) => boolean,
): ModelReplica | undefined {
  const workload = problem.workloads.findIndex(({ model }) => model === config.name);
  const own = instances.filter(({ device }) => holds(device)).length;
  if (workload < 0 || own === 0) return undefined;
  const option: ServingOption = {
    maxBatchSize: Math.max(1, config.maxBatchSize),
    queueDelayMs: (config.dynamicBatching?.maxQueueDelayUs ?? 0) / 1000,
    instances: own,
  };
  return { workload, replicas: 1, option };
}
