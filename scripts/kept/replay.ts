import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { stringify } from 'yaml';
import { quantileOfSorted } from '../../src/metrics/statistics/quantiles.js';
import { SERVER_PROFILE } from '../../src/node/scenario/profile-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { serializeProfile, serializeServerProfile, serverProfileOf } from '../../src/profile/parse.js';
import { withGeneratorDelay } from '../../src/scenario/generator-delay.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { SAMPLE } from '../live/models.js';
import { LIVE_CASES, type LiveCase } from '../live/scenarios.js';
import { DURATION_S, fileName, WARM_UP_S } from '../live/write-scenario.js';
import { configText } from '../triton/config-text.js';
import { type KeptCalibration, LATENCIES, type Latency } from './calibrations.js';
import type { Variant } from './variants.js';

/** Runs of each case: their mean is nearer to what is usual. */
const SEEDS = [1, 2, 3, 4];

/** How far a predicted latency is from the measured one, as 100 times the logarithm of their ratio. */
export interface LatencyError {
  readonly commit: string;
  readonly group: LiveCase['group'];
  readonly scenario: string;
  readonly tenant: string;
  readonly errors: Readonly<Record<Latency, number>>;
}

/** Simulates every case under a kept calibration, each of whose profiles is changed. */
export async function replayKept(
  { commit, profiles, measured }: KeptCalibration,
  { change }: Variant,
  folder: string,
): Promise<LatencyError[]> {
  await mkdir(folder, { recursive: true });
  const changed = profiles.map(change);
  for (const profile of changed)
    await writeFile(join(folder, `${profile.model}.profile.json`), serializeProfile(profile));
  await writeFile(join(folder, SERVER_PROFILE), serializeServerProfile(serverProfileOf(changed)!));
  const found: LatencyError[] = [];
  for (const live of LIVE_CASES) {
    const predicted = latenciesOf(await scenarioOf(live, folder));
    for (const { model } of live.loads) {
      const seen = measured.find(({ scenario, tenant }) => scenario === live.name && tenant === model)!;
      const of = predicted.get(model)!;
      const errors = Object.fromEntries(
        LATENCIES.map((key) => [key, 100 * Math.log(of[key] / seen[key])]),
      ) as LatencyError['errors'];
      found.push({ commit, group: live.group, scenario: live.name, tenant: model, errors });
    }
  }
  return found;
}

/** A case as its live run had it: sent by perseus' own load generator. */
async function scenarioOf(live: LiveCase, folder: string): Promise<Scenario> {
  const models = await Promise.all(
    live.loads.map(async ({ model }) => {
      const variant = SAMPLE.variants.find(({ name }) => name === model);
      const config = `${model}.pbtxt`;
      const served = variant ?? SAMPLE.calibrated.find(({ name }) => name === model)!;
      await writeFile(join(folder, config), configText(served));
      return { name: model, ...(variant !== undefined && { profile: variant.profile }), config };
    }),
  );
  const traces = join(process.cwd(), 'traces');
  const tenants = live.loads.map(({ model, load }) => ({
    name: model,
    model,
    load: JSON.parse(JSON.stringify(load).replace('../../../traces', traces)) as unknown,
  }));
  const file = join(folder, `${fileName(live.name)}.yaml`);
  const spec = { perseus: 1, name: live.name, durationS: DURATION_S, warmUpS: WARM_UP_S, profiles: ['.'] };
  await writeFile(file, stringify({ ...spec, servers: [{ name: 'triton', models }], tenants }));
  return withGeneratorDelay((await loadScenario(file)).scenario);
}

/** Of each tenant, the mean over the seeds. */
function latenciesOf(scenario: Scenario): Map<string, Record<Latency, number>> {
  const runs = SEEDS.map((seed) => simulate({ ...scenario, seed }).log);
  return new Map(
    scenario.tenants.map(({ name }, t) => {
      const sorted = runs.map((log) => {
        const rows = Array.from(log.outcome.keys()).filter(
          (row) =>
            log.tenant[row] === t &&
            log.outcome[row] === Outcome.completed &&
            log.plannedUs[row]! >= scenario.warmUpUs,
        );
        return Float64Array.from(rows, (row) => (log.endedUs[row]! - log.plannedUs[row]!) / 1000).sort();
      });
      const at = (p: number) => mean(sorted.map((ms) => quantileOfSorted(ms, p)));
      const meanMs = mean(sorted.map((ms) => mean([...ms])));
      return [name, { meanMs, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }];
    }),
  );
}
