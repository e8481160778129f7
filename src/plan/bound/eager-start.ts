import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import { ASSUMED_FACTS } from '../../profile/server-facts.js';
import type { PlanProblem } from '../problem-setting.js';

/**
 * What is certain of executions where no option holds requests back: one that does not begin with the end of
 * another on its replica begins with its first request, and has hardly any beside it.
 */
export interface EagerStart {
  /** From the answer of an execution until its instance has the next batch that waits, at most. */
  readonly turnUs: number;
  /** Requests that can reach a queue so close together that an idle instance takes them at once. */
  readonly closeUs: number;
  /** The most of them that can, however far apart they were planned; Infinity: only those planned so close. */
  readonly mostClose: number;
}

/** Each delay is rounded, and an instance that lets the batcher run first comes one nanosecond after it. */
const ROUNDING_US = 1;

/**
 * Undefined where options hold requests back, or what lies between requests and executions is not known to its last
 * part: measured waits of threads, answers that share cores, links that let several requests arrive at one instant.
 */
export function eagerStart(
  problem: PlanProblem,
  kind: number,
  profile: ModelProfile,
): EagerStart | undefined {
  const { options, slotKinds, machines, spec, workloads } = problem;
  const { machine: index, cores } = slotKinds[kind]!;
  const { cpuCores, frontEndThreads, network } = machines[index]!;
  const { response, frontEnd } = profile;
  const {
    batcherWakeUs = ASSUMED_FACTS.batcherWakeUs,
    instancePickUpUs = ASSUMED_FACTS.instancePickUpUs,
    instanceWakeUs,
  } = spec.machines[index]!.triton;
  if (options.some(({ queueDelayMs }) => queueDelayMs > 0)) return undefined;
  // The second step of an ensemble gets its requests in company, slots decide for sequences, and host cores may be taken.
  const isPlain = workloads.every(
    ({ parts, slots, responses }) => (parts ?? slots ?? responses) === undefined,
  );
  if (!isPlain || profile.device === CPU_KIND) return undefined;
  if (cores !== undefined || workloads.some(({ profiles }) => profiles[kind]?.serving !== undefined))
    return undefined;
  const { releaseUs = 0 } = response;
  const answers = response.perRequestUs + response.perKilobyteUs + response.fixedUs + releaseUs;
  if (answers > 0 && (cpuCores < Infinity || response.perKilobyteUs > 0)) return undefined;
  const threadsUs = batcherWakeUs + instancePickUpUs + (instanceWakeUs ?? 0) + ROUNDING_US;
  const isStraight =
    frontEnd.perRequestUs === 0 && frontEnd.perKilobyteUs === 0 && network.requestBytesPerS === Infinity;
  // Of each thread of the front end requests come one after the other.
  const isGated = frontEnd.perRequestUs > 0 && (frontEnd.cv ?? 0) === 0;
  if (!isStraight && !isGated) return undefined;
  const perThread = 1 + Math.floor(threadsUs / frontEnd.perRequestUs);
  const mostBatch = Math.max(...options.map(({ maxBatchSize }) => maxBatchSize));
  return {
    turnUs: threadsUs + mostBatch * (response.perRequestUs + releaseUs) + response.fixedUs,
    closeUs: threadsUs,
    mostClose: isGated ? frontEndThreads * perThread : Infinity,
  };
}
