import { given } from '../../base/given.js';
import { assembleRun } from './assemble-run.js';
import { checkOptions } from './check-options.js';
import { type DriveSettings, drive, type RunPart } from './drive.js';
import type { LoadOptions, LoadResult } from './load-options.js';
import { driveOnThreads } from './load-threads.js';
import { openPacer } from './pacer.js';
import { defaultPacer } from './pacing.js';
import { planTenants, type TenantPlan } from './plan.js';
import { runClock } from './run-clock.js';
import { startStallMeter } from './stall-meter.js';

const DRAIN_MS = 2000;
const GIVE_UP_MS = 5000;
const MEMORY_BUDGET_MB = 1024;

/**
 * Sends the tenants' loads to live servers and writes down what becomes of every request.
 *
 * The whole schedule is drawn and every request is encoded before the run; latency counts from the planned
 * time. Errors of single requests are part of the result. Rejects with a `LiveError` when a server cannot be
 * reached before the run begins, with an `InputError` when the options make no sense.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  checkOptions(options);
  const plans = planTenants(options);
  // Connections are made now, not by the first request.
  await Promise.all(options.servers.map(({ client }) => client.ping()));
  const meter = await startStallMeter();
  try {
    const parts = (options.threads ?? 1) > 1 ? await onThreads(options, plans) : [await here(options, plans)];
    return assembleRun(options, parts, meter.stop());
  } finally {
    meter.stop();
  }
}

export function driveSettings(options: LoadOptions): DriveSettings {
  const { durationUs, seed, signal, onProgress } = options;
  return {
    durationUs,
    seed,
    drainUs: (options.drainMs ?? DRAIN_MS) * 1000,
    giveUpUs: (options.giveUpMs ?? GIVE_UP_MS) * 1000,
    memoryBudgetBytes: (options.memoryBudgetMb ?? MEMORY_BUDGET_MB) * 2 ** 20,
    ...given({ signal, onProgress }),
  };
}

async function here(options: LoadOptions, plans: readonly TenantPlan[]): Promise<RunPart> {
  const clients = options.servers.map(({ client }) => client);
  const pacer = await openPacer(options.pacer ?? defaultPacer(clients.map(({ url }) => url)));
  return drive({
    ...driveSettings(options),
    plans,
    clients,
    pacer: pacer(runClock(process.hrtime.bigint())),
  });
}

function onThreads(options: LoadOptions, plans: readonly TenantPlan[]): Promise<RunPart[]> {
  return driveOnThreads({
    ...driveSettings(options),
    plans,
    threads: options.threads!,
    recipes: options.servers.map(({ connect }) => connect!),
    pacer: options.pacer ?? defaultPacer(options.servers.map(({ client }) => client.url)),
  });
}
