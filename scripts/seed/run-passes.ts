import { quantiles } from '../../src/metrics/statistics/quantiles.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { clientLoad, type PassPlan } from './client.js';
import { QUANTILES } from './measured.js';
import { BATCH } from './profiles.js';
import { type Stage, seedScenario } from './scenario.js';
import type { Setups } from './setups.js';

/** A simulated pass, in the measures of a logged one. */
export interface PassResult {
  readonly completedPerS: number;
  readonly p25Ms: number;
  readonly p50Ms: number;
  readonly p75Ms: number;
  readonly p95Ms: number;
  /** From the last request sent to the last answer. */
  readonly drainMs: number;
}

/** A client that runs its passes back to back. */
export interface SeedClient {
  readonly profile: ModelProfile;
  readonly gpus: readonly number[];
  readonly startS: number;
  readonly passes: readonly PassPlan[];
}

/** Rounds after which the ends of passes have moved by less than matters. */
const DRAIN_ROUNDS = 4;

/**
 * One pass alone on the server, after a batch for each GPU that stands for the end of the pass before it: the
 * instance has then idled as long as it does between passes.
 */
export function runPass(
  setups: Setups,
  stage: Stage,
  client: Omit<SeedClient, 'startS' | 'passes'> & { readonly plan: PassPlan },
  seed: string,
): PassResult {
  const leadIn = { desiredPerS: client.plan.desiredPerS, requests: BATCH * client.gpus.length };
  const alone = runOnce(setups, stage, [{ ...client, startS: 0, passes: [leadIn] }], [[]], seed);
  const both = { ...client, startS: 0, passes: [leadIn, client.plan] };
  return runOnce(setups, stage, [both], [[alone[0]![0]!.drainMs]], seed)[0]![1]!;
}

/**
 * Several clients at once, each running its passes back to back: result by client and pass. When a
 * pass ends is only known afterwards, so the whole is simulated several times, each time with the
 * ends of the time before.
 */
export function runTogether(
  setups: Setups,
  stage: Stage,
  clients: readonly SeedClient[],
  seed: string,
): readonly (readonly PassResult[])[] {
  let drainMs = clients.map(({ passes }) => passes.map(() => 0));
  let results: readonly (readonly PassResult[])[] = [];
  for (let round = 0; round < DRAIN_ROUNDS; round++) {
    results = runOnce(setups, stage, clients, drainMs, seed);
    drainMs = results.map((passes) => passes.map((pass) => pass.drainMs));
  }
  return results;
}

function runOnce(
  setups: Setups,
  stage: Stage,
  clients: readonly SeedClient[],
  drainMs: readonly (readonly number[])[],
  seed: string,
): readonly (readonly PassResult[])[] {
  const runs = clients.map(({ profile, gpus, passes, startS }, i) => ({
    profile,
    gpus,
    load: clientLoad(passes, drainMs[i]!, startS * 1000, setups.client),
  }));
  const { log } = simulate(seedScenario(setups, stage, runs, seed));
  return clients.map(({ passes }, tenant) => {
    // In the order in which they were sent.
    const rows = Uint32Array.from(log.tenant.keys()).filter((row) => log.tenant[row] === tenant);
    let from = 0;
    return passes.map(({ requests }) => {
      const result = passResult(log, rows.subarray(from, from + requests));
      from += requests;
      return result;
    });
  });
}

function passResult({ sentUs, endedUs }: RequestLog, rows: Uint32Array): PassResult {
  const latencyMs = Float64Array.from(rows, (row) => (endedUs[row]! - sentUs[row]!) / 1000);
  const lastMs = rows.reduce((latest, row) => Math.max(latest, endedUs[row]!), 0) / 1000;
  const [p25Ms, p50Ms, p75Ms, p95Ms] = quantiles(
    latencyMs,
    QUANTILES.map(({ probability }) => probability),
  ) as [number, number, number, number];
  const elapsedMs = lastMs - sentUs[rows[0]!]! / 1000;
  return {
    completedPerS: (rows.length / elapsedMs) * 1000,
    p25Ms,
    p50Ms,
    p75Ms,
    p95Ms,
    drainMs: lastMs - sentUs[rows[rows.length - 1]!]! / 1000,
  };
}
