import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { chanceOf, luckyS } from '../../src/plan/bound/chance.js';
import { CPU_KIND } from '../../src/profile/host-cores.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { serviceTime, totalMs } from '../../src/profile/service-time.js';
import { withCpuDevices } from '../../src/scenario/check/cpu-devices.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { MOST_INFERENCES } from '../../src/trace/columns.js';
import { Outcome } from '../../src/trace/request-log.js';
import { config, ONE_CLIENT, scenario, server, tenant } from '../support/scenario.js';

const SHIPPED = 'calibration';
const MEASURED = 'cpu-sample';
const CORES = 2;
/** The log has times of executions as floats of single precision. */
const ROUNDING = 1e-6;
/** Share of the runs that may be below. */
const AT_MOST = 1 / 1000;

interface Run {
  /** Seconds that executions took together, and what the bound says of as many; on instances, and of that on the device. */
  readonly took: readonly number[];
  readonly least: readonly number[];
  readonly meanS: number;
}

/** A model that never idles, for as long as it takes for 10 to 500 executions, on one or (of a host) two instances. */
function runOf(profile: ModelProfile, seed: number): Run {
  const sizes = profile.service.map(({ batchSize }) => batchSize).filter((size) => size <= MOST_INFERENCES);
  const size = sizes[seed % sizes.length]!;
  const instances = profile.device === CPU_KIND ? 1 + (seed % CORES) : 1;
  const solo = serviceTime(profile, size);
  const durationS = (10 ** (1 + (seed % 18) / 10) * totalMs(solo)) / 1000;
  const { log } = simulate(busy(profile, { size, instances, durationS, seed }));
  const rows = [...log.outcome.keys()].filter((row) => log.outcome[row] === Outcome.completed);
  const sumS = (of: (row: number) => number) => rows.reduce((sum, row) => sum + of(row), 0) / 1e6;
  const chance = chanceOf(profile, instances);
  const leastS = (ms: number) => luckyS((rows.length * ms) / 1000, ms / 1000, chance);
  return {
    took: [
      sumS((row) => log.calls.inputUs[row]! + log.calls.inferUs[row]! + log.calls.outputUs[row]!),
      sumS((row) => log.calls.inferUs[row]!),
    ],
    least: [leastS(totalMs(solo)), leastS(solo.inferMs)],
    meanS: (rows.length * totalMs(solo)) / 1000,
  };
}

interface Busy {
  readonly size: number;
  readonly instances: number;
  readonly durationS: number;
  readonly seed: number;
}

function busy(profile: ModelProfile, { size, instances, durationS, seed }: Busy): Scenario {
  const onHost = profile.device === CPU_KIND;
  const served = { config: config('m', size), profile, instances, device: onHost ? -1 : 0 };
  // Random numbers are named after the server: each profile has its own.
  const host = server(`${profile.device} ${profile.model}`, { models: [served], devices: onHost ? 0 : 1 });
  const placed = onHost ? withCpuDevices(host.devices, host.models, CORES) : {};
  const load = { ...ONE_CLIENT, concurrency: 2 * instances };
  return scenario([{ ...host, ...placed }], [tenant('t', 'm', load, { batchSize: size })], durationS, {
    seed,
  });
}

function countBelow(profile: ModelProfile, seeds: number): number {
  let below = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const { took, least } = runOf(profile, seed);
    if (took.some((s, i) => s < least[i]! * (1 - ROUNDING))) below++;
  }
  return below;
}

describe('the least that the executions of a run take by the bound of a plan', () => {
  const names = readdirSync(join(SHIPPED, MEASURED)).filter((file) => file.endsWith('.profile.json'));

  it.each(names)(
    'is more than at most one run in a thousand of %s takes, of 10,000',
    async (name) => {
      const [file] = await readProfiles([join(SHIPPED, MEASURED, name)]);
      const { profile } = file!;
      expect(countBelow(profile, 10_000)).toBeLessThanOrEqual(10_000 * AT_MOST);
      // It is a bound that says something, too.
      const { least, meanS } = runOf(profile, 17);
      expect(least[0]! / meanS).toBeGreaterThan(0.3);
    },
    600_000,
  );

  it('is more than at most one run in a thousand of the other shipped profiles takes, of 200 of each', async () => {
    const shipped = await readProfiles([SHIPPED]);
    const others = shipped.filter(({ file }) => !file.includes(MEASURED));
    expect(others.length).toBeGreaterThan(100);
    const below = others.map(({ profile }) => countBelow(profile, 200));
    expect(sum(below)).toBeLessThanOrEqual(others.length * 200 * AT_MOST);
    // One by bad luck, and not two of the same profile.
    expect(Math.max(...below)).toBeLessThanOrEqual(1);
  }, 600_000);
});
