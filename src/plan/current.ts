import { InputError, type Problem } from '../base/problem.js';
import { CPU_KIND } from '../scenario/check/instances.js';
import type { Scenario, ServedModel, Server, Sharing } from '../scenario/scenario.js';
import { placementOf } from './master.js';
import type { Piece, Placement, ServingOption, Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';

/**
 * A scenario as a placement of the plan: its devices by their kind, its models with the settings that
 * they have. Models that no tenant of the plan asks for are left out.
 * @throws InputError where a device is none of the plan's, or is shared in a way that the plan forbids
 */
export function currentPlacement(problem: PlanProblem, scenario: Scenario): Placement {
  const problems: Problem[] = [];
  const slots = scenario.servers.flatMap((server) =>
    partsOf(server).flatMap((part) => slotOf(problem, server, part, problems) ?? []),
  );
  if (problems.length > 0) throw new InputError(problems);
  const replicasOf = (demand: number) =>
    slots.filter(({ pieces }) => pieces.some((piece) => piece.demand === demand)).length;
  return placementOf(
    problem,
    slots.map((slot) => ({
      ...slot,
      pieces: slot.pieces.map((piece) => ({ ...piece, replicas: replicasOf(piece.demand) })),
    })),
  );
}

/** A device of a server, or all of its host: instances there are on several devices or none. */
interface ServerPart {
  readonly kind: string;
  readonly mode: Sharing['mode'];
  holds(device: number): boolean;
}

function partsOf({ devices }: Server): ServerPart[] {
  const host: ServerPart = {
    kind: CPU_KIND,
    mode: 'streams',
    holds: (device) => device < 0 || devices[device]!.kind === CPU_KIND,
  };
  const others = devices.flatMap(({ kind, sharing }, own): ServerPart[] =>
    kind === CPU_KIND ? [] : [{ kind, mode: sharing.mode, holds: (device) => device === own }],
  );
  return [...others, host];
}

function slotOf(
  problem: PlanProblem,
  server: Server,
  { kind, mode: sharing, holds }: ServerPart,
  problems: Problem[],
): Slot | undefined {
  const pieces = server.models.flatMap((model) => pieceOf(problem, model, holds) ?? []);
  if (pieces.length === 0) return undefined;
  const whole = problem.slotKinds
    .map((slot, index) => ({ ...slot, index }))
    .filter((slot) => slot.device === kind && slot.slice === undefined && slot.mostModels >= pieces.length);
  const found = whole.find(({ mode }) => mode === sharing) ?? (pieces.length === 1 ? whole[0] : undefined);
  if (found !== undefined) return { kind: found.index, pieces };
  problems.push({
    path: 'current',
    what: `server ${server.name} has a ${kind} with ${pieces.length} models under ${sharing}, which no kind of machine allows`,
    remedy: 'add the kind of GPU or the way of sharing under machines, or leave current out',
  });
  return undefined;
}

function pieceOf(
  problem: PlanProblem,
  { config, instances }: ServedModel,
  holds: (device: number) => boolean,
): Piece | undefined {
  const demand = problem.demands.findIndex(({ model }) => model === config.name);
  const own = instances.filter(({ device }) => holds(device)).length;
  if (demand < 0 || own === 0) return undefined;
  const option: ServingOption = {
    maxBatchSize: Math.max(1, config.maxBatchSize),
    queueDelayMs: (config.dynamicBatching?.maxQueueDelayUs ?? 0) / 1000,
    instances: own,
  };
  return { demand, replicas: 1, option };
}
