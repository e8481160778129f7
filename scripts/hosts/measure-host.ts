import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantiles } from '../../src/metrics/statistics/quantiles.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import type { Slo } from '../../src/scenario/scenario.js';
import { besideSimulated } from '../live/cross-check-compare.js';
import { type CrossCheckRequests, runCrossCheck } from '../live/perf-analyzer-runs.js';
import { latencyFigures } from '../support/latencies.js';
import type { Installation } from '../triton/installation.js';
import type { PerfAnalyzer } from '../triton/perf-analyzer.js';
import { startServer } from '../triton/server.js';
import { type HostPart, RUN_S } from './host-part.js';
import type { MeasuredRun, MeasuredTenant, TenantFigures } from './results.js';

export interface Stand {
  readonly installation: Installation;
  readonly analyzer: PerfAnalyzer;
  readonly repeats: number;
  /** Folder of the runs as they were measured. */
  readonly work: string;
  readonly progress: (text: string) => void;
}

type Requests = readonly CrossCheckRequests[];

/** Measures what was not kept yet of one host, whose models are in `repository`, and compares. */
export async function measureHost(
  part: HostPart,
  repository: string,
  stand: Stand,
): Promise<MeasuredTenant[]> {
  return compared(part, await runsOf(part, repository, stand));
}

async function runsOf(
  part: HostPart,
  repository: string,
  { installation, analyzer, repeats, work, progress }: Stand,
): Promise<Requests[]> {
  const { host, loads } = part;
  const files = Array.from({ length: repeats }, (_, i) => join(work, `${host}-${i + 1}.json`));
  const met = await Promise.all(files.map((path) => keptRun(path, part)));
  if (met.every((run) => run !== undefined)) return met;
  const server = await startServer({ installation, repository, logFile: join(work, `${host}.log`) });
  try {
    const runs: Requests[] = [];
    for (const [i, path] of files.entries()) {
      const sent = loads.map(({ model, ratePerS }) => `${model} ${ratePerS.toFixed(0)}/s`).join(', ');
      progress(`${host}, run ${i + 1}: ${sent}`);
      const requests = met[i] ?? (await runCrossCheck(analyzer, server.url, loads, RUN_S));
      await writeFileAtomically(path, JSON.stringify({ of: settingsOf(part), requests }));
      runs.push(requests);
    }
    return runs;
  } finally {
    await server.stop();
  }
}

/** Only of the same loads on the same settings. */
async function keptRun(path: string, part: HostPart): Promise<Requests | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const met = JSON.parse(text) as { of: string; requests: Requests };
  return met.of === settingsOf(part) ? met.requests : undefined;
}

function settingsOf({ loads, scenario }: HostPart): string {
  return JSON.stringify({ loads, models: scenario.servers[0]!.models.map(({ config }) => config) });
}

function compared({ host, scenario, loads }: HostPart, runs: readonly Requests[]): MeasuredTenant[] {
  const beside = runs.map((requests) => besideSimulated(scenario, requests));
  return scenario.tenants.flatMap(({ name, model, slo }, t) => {
    if (slo === undefined) return [];
    const measured = beside.map(({ tenants }): MeasuredRun => {
      const { liveUs, simulatedUs } = tenants[t]!;
      return {
        measured: figures(liveUs, liveUs.length, slo),
        simulated: figures(simulatedUs, liveUs.length, slo),
      };
    });
    const { percentile, limitMs } = slo;
    return [{ host, tenant: name, model, ratePerS: loads[t]!.ratePerS, percentile, limitMs, runs: measured }];
  });
}

/** @param sent requests, answered or not */
function figures(latencyUs: number[], sent: number, { percentile, limitMs }: Slo): TenantFigures {
  const { meanMs, p50Ms } = latencyFigures(latencyUs);
  return {
    meanMs,
    p50Ms,
    sloMs: quantiles(Float64Array.from(latencyUs), [percentile / 100])[0]! / 1000,
    attainment: latencyUs.filter((us) => us <= limitMs * 1000).length / sent,
  };
}
