import { expect, it } from 'vitest';
import { addPartsUs, PARTS } from '../../src/metrics/figures/split.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';

it('no part of the latency of a request is below zero, and together they are the latency', async () => {
  const overrides = { durationS: 15, warmUpS: 0 };
  const { log } = await runScenario('examples/scenarios/sequences.yaml', { overrides, log: true });
  const least = new Float64Array(PARTS.length).fill(Number.POSITIVE_INFINITY);
  let gapUs = 0;
  for (const [row, sentUs] of log!.sentUs.entries()) {
    if (Number.isNaN(log!.endedUs[row]!)) continue;
    const us = new Float64Array(PARTS.length);
    addPartsUs(log!, row, us);
    for (const [i, part] of us.entries()) least[i] = Math.min(least[i]!, part);
    gapUs = Math.max(gapUs, Math.abs(us.reduce((sum, part) => sum + part, sentUs) - log!.endedUs[row]!));
  }
  expect(Math.min(...least)).toBe(0);
  expect(gapUs).toBeLessThan(0.01);
});
