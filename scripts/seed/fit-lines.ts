import { linearRegression, mean, median } from 'simple-statistics';
import { belowSaturation, gapMs, medianThroughput, saturated } from './client.js';
import { type MeasuredPass, QUANTILES } from './measured.js';
import { BATCH, type SharedConstants } from './profiles.js';
import type { Setups } from './setups.js';

/** What can be read off a test of one instance without simulating. */
export type LineFit = Readonly<ReturnType<typeof fitLines>>;

/**
 * Gaps that a request at the quantile has waited for its batch to fill: positions in a batch are
 * equally frequent, the first waits 7 gaps and the last none.
 */
const GAPS_WAITED = [1.5, 3.5, 5.5, 7] as const;

/** Passes at either end of a test whose monitoring samples also cover what came before or after. */
const EDGE = 5;

/** The first passes are slower than the rest in every test (clocks, caches). */
export const WARM_UP_PASSES = 2;

const HARDLY_IDLE_MS = 12;

/** Reads constants off a test in which one instance serves batches of 8. */
export function fitLines(
  passes: readonly MeasuredPass[],
  gpu: number,
  { client, host }: Pick<Setups, 'client' | 'host'>,
) {
  const saturatedPerS = medianThroughput(saturated(passes, client));
  const serviceMs = (1000 * BATCH) / saturatedPerS;
  const middle = passes.slice(EDGE, -EDGE);
  const gpuMs = median(middle.map((pass) => (gpuBusy(pass, gpu) * 1000 * BATCH) / pass.completedPerS));
  const below = belowSaturation(passes, client);
  const { m, b } = linearRegression(
    middle
      .filter((pass) => below.includes(pass))
      .map((pass) => [pass.completedPerS, (pass.hostBusyPercent / 100) * host.vcpus]),
  );
  const byIdle = below.slice(WARM_UP_PASSES).map((pass) => idlePoint(pass, serviceMs, client));
  const lastInBatchMs = median(
    byIdle.filter(({ idleMs }) => idleMs < HARDLY_IDLE_MS).map((point) => point.lastInBatchMs),
  );
  return {
    saturatedPerS,
    /** Time of one batch of 8 on the instance, ms: all of it, and the part with the GPU. */
    ...{ serviceMs, gpuMs },
    /** Host CPU of one request, core-ms, and of the machine without any, cores. */
    ...{ hostCpuMs: m * 1000, backgroundCores: b },
    /** Latency of a request that completes its batch, ms, while the instance hardly idles. */
    lastInBatchMs,
    /** That latency in each pass below saturation, with the idle time before a batch, ms. */
    byIdle,
  };
}

function gpuBusy(pass: MeasuredPass, gpu: number): number {
  return (gpu === 0 ? pass.gpu1BusyPercent : pass.gpu2BusyPercent) / 100;
}

function idlePoint(pass: MeasuredPass, serviceMs: number, client: Setups['client']) {
  const gap = gapMs(pass.desiredPerS, client);
  return {
    idleMs: BATCH * gap - serviceMs,
    lastInBatchMs: mean(QUANTILES.map(({ field }, i) => pass[field] - GAPS_WAITED[i]! * gap)),
  };
}

/** Candidates for the idle time from which a batch takes longer, ms. */
const FREE_MS = Array.from({ length: 50 }, (_, i) => i / 2);

/**
 * How much longer a batch takes after idling: a hinge, by least squares for each candidate of its
 * corner, and the corner with the least absolute error. Beyond the longest idling seen it stays level.
 */
export function fitAfterIdle({ byIdle, lastInBatchMs }: LineFit): SharedConstants['linearIdlePenalty'] {
  const extra = byIdle.map((point) => ({ idleMs: point.idleMs, ms: point.lastInBatchMs - lastInBatchMs }));
  let best = { error: Infinity, freeMs: 0, msPerIdleMs: 0 };
  for (const freeMs of FREE_MS) {
    const beyond = extra.map(({ idleMs }) => Math.max(0, idleMs - freeMs));
    const squares = beyond.reduce((sum, z) => sum + z * z, 0);
    if (squares === 0) continue;
    const msPerIdleMs = extra.reduce((sum, { ms }, i) => sum + ms * beyond[i]!, 0) / squares;
    const error = extra.reduce((sum, { ms }, i) => sum + Math.abs(ms - msPerIdleMs * beyond[i]!), 0);
    if (error < best.error) best = { error, freeMs, msPerIdleMs };
  }
  return {
    freeMs: best.freeMs,
    msPerIdleMs: Number(best.msPerIdleMs.toFixed(4)),
    maxIdleMs: Number(Math.max(...byIdle.map(({ idleMs }) => idleMs)).toFixed(2)),
  };
}
