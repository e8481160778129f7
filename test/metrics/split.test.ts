import { expect, it } from 'vitest';
import { addPartsUs, PARTS } from '../../src/metrics/figures/split.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';

it('an execution rounded beyond the end of its request leaves no part of the latency below zero', async () => {
  const overrides = { durationS: 2, warmUpS: 0 };
  const { log } = await runScenario('examples/scenarios/ensemble.yaml', { overrides, log: true });
  for (const call of log!.calls.inferUs.keys()) log!.calls.inferUs[call]! += 1000;
  let least = Number.POSITIVE_INFINITY;
  let gapUs = 0;
  for (const [row, sentUs] of log!.sentUs.entries()) {
    if (Number.isNaN(log!.endedUs[row]!)) continue;
    const us = new Float64Array(PARTS.length);
    addPartsUs(log!, row, us);
    least = Math.min(least, ...us);
    gapUs = Math.max(gapUs, Math.abs(us.reduce((sum, part) => sum + part, sentUs) - log!.endedUs[row]!));
  }
  expect(least).toBe(0);
  expect(gapUs).toBeLessThan(0.01);
});
