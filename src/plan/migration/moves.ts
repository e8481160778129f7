import type { ModelReplica, Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { bestMatching } from './best-matching.js';

/** What it takes to come from one placement to another. */
export interface Moves {
  /** Models that must be loaded on a device on which they are not now, or with other settings. */
  readonly moves: number;
  /** Loading time of the device that has most to load, in milliseconds; 0 where no profile knows any. */
  readonly loadMs: number;
}

/**
 * Matches machines of one kind, the GPUs in them and their slices so that they have as much in common as can be: no other
 * way takes fewer moves.
 */
export function movesBetween(problem: PlanProblem, from: Placement, to: Placement): Moves {
  const loads = freshIn(partOf(problem, to), partOf(problem, from)).map(({ slot, modelReplicas }) => ({
    moves: modelReplicas.length,
    loadMs: modelReplicas.reduce(
      (sum, { workload }) => sum + (problem.workloads[workload]!.profiles[slot.kind]?.load.loadMs ?? 0),
      0,
    ),
  }));
  return {
    moves: loads.reduce((sum, { moves }) => sum + moves, 0),
    loadMs: Math.max(0, ...loads.map(({ loadMs }) => loadMs)),
  };
}

/** A placement, or a machine, GPU or slice of it. */
interface Part {
  /** What is loaded there, by kind of machine and device. */
  readonly loaded: ReadonlySet<string>;
  readonly parts: readonly Part[];
  /** Of the smallest parts: what they are, and the keys of their replicas. */
  readonly content?: { readonly slot: Slot; readonly keys: readonly string[] };
}

function partOf(problem: PlanProblem, { machines }: Placement): Part {
  const slotPart = (slot: Slot): Part => {
    const keys = slot.modelReplicas.map((modelReplica) => loadedKey(problem, slot, modelReplica));
    return { loaded: new Set(keys), parts: [], content: { slot, keys } };
  };
  return whole(machines.map(({ gpus }) => whole(gpus.map(({ slots }) => whole(slots.map(slotPart))))));
}

function whole(parts: readonly Part[]): Part {
  return { loaded: new Set(parts.flatMap(({ loaded }) => [...loaded])), parts };
}

/** Another share of the requests is no move; other settings are, as the model must be loaded anew. */
function loadedKey(
  { slotKinds, workloads }: PlanProblem,
  { kind }: Slot,
  { workload, option }: ModelReplica,
): string {
  const { machine, device } = slotKinds[kind]!;
  const { maxBatchSize, queueDelayMs, instances } = option;
  // Without a batch dimension it is served the same whatever batch an option has.
  const batching =
    workloads[workload]!.isUnbatched === true ? 'unbatched' : `${maxBatchSize},${queueDelayMs}`;
  return `${machine}|${device}|${workload}:${batching},${instances}`;
}

/** How many models two parts have in common, their own parts matched for the most. */
function inCommon(part: Part, old: Part): number {
  if (part.content !== undefined) return [...part.loaded].filter((key) => old.loaded.has(key)).length;
  const { partner, table } = matched(part, old);
  return partner.reduce<number>((sum, j, i) => sum + (j === undefined ? 0 : table[i]![j]!), 0);
}

function matched({ parts }: Part, old: Part) {
  const holders = new Map<string, number[]>();
  for (const [j, { loaded }] of old.parts.entries())
    for (const key of loaded) holders.set(key, [...(holders.get(key) ?? []), j]);
  const table = parts.map((part) => {
    const row = new Uint16Array(old.parts.length);
    const near = new Set([...part.loaded].flatMap((key) => holders.get(key) ?? []));
    for (const j of near) row[j] = inCommon(part, old.parts[j]!);
    return row;
  });
  return { table, partner: bestMatching(parts.length, old.parts.length, (i, j) => table[i]![j]!) };
}

/** By slot: what must be loaded there. */
function freshIn(
  part: Part,
  old: Part | undefined,
): { slot: Slot; modelReplicas: readonly ModelReplica[] }[] {
  if (part.content !== undefined) {
    const { slot, keys } = part.content;
    return [{ slot, modelReplicas: slot.modelReplicas.filter((_, i) => !old?.loaded.has(keys[i]!)) }];
  }
  const partner = old && matched(part, old).partner;
  return part.parts.flatMap((own, i) => {
    const j = partner?.[i];
    return freshIn(own, j === undefined ? undefined : old!.parts[j]);
  });
}
