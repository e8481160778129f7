import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeLive } from '../support/triton.js';
import { differences } from './compare.js';
import type { ConformanceCase } from './conformance-case.js';
import { type LiveOutcome, LiveServers } from './on-triton.js';
import { simulatorDifferences } from './run-table.js';
import { TABLE } from './table/index.js';
import { LIVE_TOLERANCE_MS } from './tolerances.js';

describe('the simulator and the conformance table agree', () => {
  it.each(TABLE)('$source: $rule', (row) => {
    expect(simulatorDifferences(row)).toEqual([]);
  });
});

describeLive('a real Triton and the conformance table agree', () => {
  const outcomes = new Map<ConformanceCase, LiveOutcome>();

  beforeAll(async () => {
    const servers = await LiveServers.start(TABLE);
    try {
      await servers.run((row, outcome) => outcomes.set(row, outcome));
    } finally {
      await servers.stop();
    }
  }, 240_000);

  afterAll(() => outcomes.clear());

  it.each(TABLE)('$source: $rule', (row) => {
    const { happened, otherConfig } = outcomes.get(row)!;
    expect(differences(row, happened, LIVE_TOLERANCE_MS)).toEqual([]);
    expect(otherConfig).toBeUndefined();
  });
});
