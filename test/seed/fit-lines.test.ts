import { describe, expect, it } from 'vitest';
import { gapMs, offeredPerS } from '../../scripts/seed/client.js';
import { fitAfterIdle, fitLines } from '../../scripts/seed/fit-lines.js';
import type { MeasuredPass } from '../../scripts/seed/measured.js';
import { readSetups } from '../../scripts/seed/setups.js';

const setups = readSetups('calibration/seed');

/** What an ideal instance would log: 8 requests in 40 ms, 32 of them with the GPU; 10 core-ms a request over 0.5 cores. */
const TRUTH = { serviceMs: 40, gpuMs: 32, lastInBatchMs: 46, hostCpuMs: 10, backgroundCores: 0.5 };
const IDLE = { freeMs: 16, msPerIdleMs: 0.2 };

function idealPass(desiredPerS: number, pass: number): MeasuredPass {
  const gap = gapMs(desiredPerS, setups.client);
  const completedPerS = Math.min(offeredPerS(desiredPerS, setups.client), 8000 / TRUTH.serviceMs);
  const idleMs = 8 * gap - TRUTH.serviceMs;
  const last = TRUTH.lastInBatchMs + IDLE.msPerIdleMs * Math.max(0, idleMs - IDLE.freeMs);
  const busy = (completedPerS * TRUTH.gpuMs) / 80;
  return {
    test: 7,
    model: 'resnet50',
    pass,
    requests: 5392,
    desiredPerS,
    completedPerS,
    p25Ms: last + 1.5 * gap,
    p50Ms: last + 3.5 * gap,
    p75Ms: last + 5.5 * gap,
    p95Ms: last + 7 * gap,
    gpu1BusyPercent: busy,
    gpu2BusyPercent: 0,
    hostBusyPercent: ((TRUTH.backgroundCores + (completedPerS * TRUTH.hostCpuMs) / 1000) * 100) / 6,
  };
}

describe('constants that are read off a test', () => {
  const passes = Array.from({ length: 101 }, (_, i) => idealPass(115 + i, i + 1));
  const lines = fitLines(passes, 0, setups);

  it('are those of the instance that made the log', () => {
    for (const [name, value] of Object.entries(TRUTH)) {
      expect(lines[name as keyof typeof TRUTH], name).toBeCloseTo(value, 6);
    }
  });

  it('hold the law after idling and the longest idling seen', () => {
    const found = fitAfterIdle(lines);
    expect(found).toMatchObject(IDLE);
    // The first two passes are left out as warm-up: the third is asked for 117/s.
    expect(found.maxIdleMs).toBeCloseTo(8 * gapMs(117, setups.client) - TRUTH.serviceMs, 2);
  });
});
