import type { ModelReplica, Placement, Slot } from '../placement.js';
import { type PlanProblem, partsOf } from '../problem-setting.js';
import { batchOf, instancesOf, queueDelayMsOf } from '../serving.js';
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
  const loads = freshIn(partOf(problem, to), partOf(problem, from)).map((fresh) => ({
    moves: fresh.length,
    loadMs: fresh.reduce((sum, { loadMs }) => sum + loadMs, 0),
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
  /** Of the smallest parts: the models that they serve. */
  readonly content?: readonly Loaded[];
}

/** A model as it is served on a device. */
interface Loaded {
  readonly key: string;
  readonly loadMs: number;
}

function partOf(problem: PlanProblem, { machines }: Placement): Part {
  const slotPart = (slot: Slot): Part => {
    const content = slot.modelReplicas.flatMap((modelReplica) => loadedBy(problem, slot, modelReplica));
    return { loaded: new Set(content.map(({ key }) => key)), parts: [], content };
  };
  return whole(machines.map(({ gpus }) => whole(gpus.map((slots) => whole(slots.map(slotPart))))));
}

function whole(parts: readonly Part[]): Part {
  return { loaded: new Set(parts.flatMap(({ loaded }) => [...loaded])), parts };
}

/** Another share of the requests is no move; other settings are, as the model must be loaded anew. */
function loadedBy(
  { slotKinds, workloads, spec }: PlanProblem,
  { kind }: Slot,
  { workload: w, ...replica }: ModelReplica,
): Loaded[] {
  const { machine, device } = slotKinds[kind]!;
  const workload = workloads[w]!;
  return partsOf(workload).map((part, p) => {
    const batch = batchOf(part, replica.option);
    // Without a batch dimension it is served the same whatever delay an option has.
    const delayMs = batch === 0 ? 0 : queueDelayMsOf(part, replica.option);
    const instances = instancesOf(spec.survive, workload, part, replica);
    return {
      key: `${machine}|${device}|${w}.${p}:${batch},${delayMs},${instances}`,
      loadMs: part.profiles[kind]?.load.loadMs ?? 0,
    };
  });
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
function freshIn(part: Part, old: Part | undefined): (readonly Loaded[])[] {
  if (part.content !== undefined) return [part.content.filter(({ key }) => !old?.loaded.has(key))];
  const partner = old && matched(part, old).partner;
  return part.parts.flatMap((own, i) => {
    const j = partner?.[i];
    return freshIn(own, j === undefined ? undefined : old!.parts[j]);
  });
}
