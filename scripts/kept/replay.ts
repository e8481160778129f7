import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { stringify } from 'yaml';
import { SERVER_PROFILE } from '../../src/node/scenario/profile-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { serializeProfile, serializeServerProfile, serverProfileOf } from '../../src/profile/parse.js';
import { withGeneratorDelay } from '../../src/scenario/generator-delay.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { newRunInterval } from '../../src/validate/new-run-interval.js';
import { profileVariants } from '../../src/validate/profile-variants.js';
import { SAMPLE } from '../live/models.js';
import { LIVE_CASES, type LiveCase } from '../live/scenarios.js';
import { DURATION_S, fileName, WARM_UP_S } from '../live/write-scenario.js';
import { answeredRows, type LatencyFigures, latencyFigures } from '../support/latencies.js';
import { configText } from '../triton/config-text.js';
import { type KeptCalibration, LATENCIES, type Latency } from './calibrations.js';
import type { Variant } from './variants.js';

/** Runs of each case: their mean is nearer to what is usual. */
const SEEDS = [1, 2, 3, 4];

/** A latency of a tenant beside its prediction, with the 95 % interval for the mean of three new live runs. */
export interface Forecast {
  readonly commit: string;
  readonly group: LiveCase['group'];
  readonly scenario: string;
  readonly tenant: string;
  /** How many tenants the case has. */
  readonly tenants: number;
  readonly latency: Latency;
  readonly measured: number;
  /** Of the three live runs, as a share of the measured figure. */
  readonly deviation: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
}

/** 100 times the logarithm of predicted over measured. */
export function logError({ predicted, measured }: Pick<Forecast, 'predicted' | 'measured'>): number {
  return 100 * Math.log(predicted / measured);
}

/** Standard deviations between the least and the most of three normal figures, on average. */
const RANGE_OF_THREE = 1.693;

/** Simulates every case under a kept calibration, each of whose profiles is changed. */
export async function replayKept(
  { commit, profiles, measured }: KeptCalibration,
  { change }: Variant,
  folder: string,
): Promise<Forecast[]> {
  await mkdir(folder, { recursive: true });
  const changed = profiles.map(change);
  for (const profile of changed)
    await writeFile(join(folder, `${profile.model}.profile.json`), serializeProfile(profile));
  await writeFile(join(folder, SERVER_PROFILE), serializeServerProfile(serverProfileOf(changed)!));
  const found: Forecast[] = [];
  const isMeasured = ({ name }: LiveCase) => measured.some(({ scenario }) => scenario === name);
  for (const live of LIVE_CASES.filter(isMeasured)) {
    const scenario = await scenarioOf(live, folder);
    const runs = SEEDS.map((seed) => latenciesOf({ ...scenario, seed }));
    const moved = profileVariants(scenario).map(
      ({ up, down }) => [latenciesOf(up), latenciesOf(down)] as const,
    );
    for (const [t, { model }] of live.loads.entries()) {
      const seen = measured.find(({ scenario: name, tenant }) => name === live.name && tenant === model);
      if (seen === undefined) continue;
      const errors =
        scenario.servers[0]!.models[scenario.tenants[t]!.targets[0]!.model]!.instances[0]!.profile.fit
          ?.latencyErrorPercent;
      for (const latency of LATENCIES) {
        const figures = runs.map((run) => run[t]![latency]);
        const ownError = (mean(figures) * (errors?.[ERROR_OF[latency]] ?? 0)) / 100;
        const movedBy = moved.map(([up, down]) => (up[t]![latency] - down[t]![latency]) / 2);
        const deviation = seen.rangeMs[latency] / RANGE_OF_THREE;
        const { value, low, high } = newRunInterval({
          predicted: figures,
          measured: [-deviation, 0, deviation].map((apart) => seen[latency] + apart),
          profileError: Math.hypot(ownError, ...movedBy),
        });
        found.push({
          ...{
            commit,
            group: live.group,
            scenario: live.name,
            tenant: model,
            tenants: live.loads.length,
            latency,
          },
          ...{ measured: seen[latency], deviation: deviation / seen[latency], predicted: value, low, high },
        });
      }
    }
  }
  return found;
}

/** Where a profile says how far its latencies were off when it was fitted. */
const ERROR_OF = { meanMs: 'mean', p50Ms: 'p50', p95Ms: 'p95', p99Ms: 'p99' } as const;

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

/** Of each tenant in one run. */
function latenciesOf(scenario: Scenario): readonly LatencyFigures[] {
  const { log } = simulate(scenario);
  return scenario.tenants.map((_, t) => {
    const rows = answeredRows(log, t, (row) => log.plannedUs[row]! >= scenario.warmUpUs);
    return latencyFigures(rows.map((row) => log.endedUs[row]! - log.plannedUs[row]!));
  });
}
