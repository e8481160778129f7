import { resolve } from 'node:path';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { gpusUsed } from '../../src/plan/placement.js';
import { randomFleet } from '../../test/plan/support/random-fleet.js';
import { planFleet } from '../../test/support/plan-fleet.js';
import type { SweepBench } from './case.js';

const CALIBRATION = resolve(import.meta.dirname, '../../calibration');
const BUDGET_S = 60;
/** Of the budget; what is left is for the simulation in full of what is shown. */
const SEARCH_SHARE = 0.6;

/**
 * A fleet on MIG slices of A100s, about two tenants to a GPU, planned by `perseus plan`'s own search: how far
 * the plan is from its bound, and how long it took until everything that is shown was simulated in full.
 */
export const fleet: SweepBench = async ({ quick, say }) => {
  const tenants = quick ? 20 : 200;
  const bundled = (await readProfiles([CALIBRATION])).map(({ profile }) => profile);
  const { spec, profiles } = randomFleet(bundled, { tenants, seed: 1 });
  const started = performance.now();
  const budgetS = (quick ? 0.2 : SEARCH_SHARE) * BUDGET_S;
  const { result } = await planFleet(spec, profiles, { budgetS, threads: 2 });
  const seconds = (performance.now() - started) / 1000;
  if (result.best === undefined) throw new Error('no placement was found that meets every SLO');
  const gpus = gpusUsed(result.best);
  // To a hundredth: both are sums of the same prices in another order.
  const gap = Math.round((10_000 * (result.goal - result.bound)) / result.bound) / 100;
  say(
    `${tenants} tenants on ${gpus} GPUs: ${gap.toFixed(1)} % above the bound after ${seconds.toFixed(1)} s`,
  );
  const name = `${tenants} tenants on ${gpus} GPUs`;
  return [
    { name: `${name}: above the bound`, value: gap, bound: 5, unit: '%' },
    { name: `${name}: time to the plan`, value: seconds, bound: BUDGET_S, unit: 's' },
  ];
};
