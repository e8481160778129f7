import { beforeAll, describe, expect, it } from 'vitest';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { meetsAll } from '../../src/plan/evaluate.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { planFleet } from '../support/plan-fleet.js';
import { randomFleet } from './support/random-fleet.js';

const SLICES = ['1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'];

describe('a fleet on MIG slices', () => {
  let bundled: readonly ModelProfile[];
  beforeAll(async () => {
    const files = await readProfiles(SLICES.map((slice) => `calibration/a100-80gb-mig-${slice}`));
    bundled = files.map(({ profile }) => profile);
  });

  it('is planned to at most one GPU or 5 % above its bound, and meets every SLO', async () => {
    const { spec, profiles } = randomFleet(bundled, { tenants: 24, seed: 3, durationS: 10 });
    const { result } = await planFleet(spec, profiles, { budgetRuns: 1000 });
    const best = result.candidates[result.chosen!]!;
    expect(best.days.every(meetsAll)).toBe(true);
    const gpus = best.days[0]!.gpus;
    expect(gpus).toBeGreaterThanOrEqual(Math.floor(result.bound));
    expect(gpus).toBeLessThanOrEqual(Math.max(result.bound * 1.05, result.bound + 1));
  }, 120_000);

  it('leaves no model without as many slices as it has replicas', async () => {
    const { spec, profiles } = randomFleet(bundled, { tenants: 8, seed: 4, durationS: 10 });
    const { result, problem } = await planFleet(spec, profiles, { budgetRuns: 200 });
    const { placement } = result.candidates[result.chosen!]!;
    const modelReplicas = placement.machines.flatMap(({ gpus }) =>
      gpus.flat().flatMap((slot) => slot.modelReplicas),
    );
    for (const [workload] of problem.workloads.entries()) {
      const own = modelReplicas.filter((modelReplica) => modelReplica.workload === workload);
      expect(own.length).toBeGreaterThan(0);
      for (const { replicas } of own) expect(replicas).toBe(own.length);
    }
  }, 120_000);
});
