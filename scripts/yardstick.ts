import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mean } from 'simple-statistics';
import { restingStatistics } from '../src/live/resting-statistics.js';
import type { ModelStatistics } from '../src/live/inference-client.js';
import { subtractStatistics } from '../src/live/statistics.js';
import { connectTriton } from '../src/live/triton/connect.js';
import { quantileOfSorted, sortedValues } from '../src/metrics/quantiles.js';
import { writeFileAtomically } from '../src/node/atomic-write.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { simulate } from '../src/simulator/simulate.js';
import { Outcome } from '../src/trace/request-log.js';
import { runYardstick, type YardstickRequests } from './live/perf-analyzer-runs.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { YARDSTICK_CASES } from './live/yardstick-cases.js';
import { findInstallation } from './triton/installation.js';
import { preparePerfAnalyzer } from './triton/perf-analyzer.js';

const KEPT = '.tmp/yardstick';
const DURATION_S = 20;
const SKIPPED_S = 1;
const REPEATS = 3;

interface Kept {
  readonly requests: readonly YardstickRequests[];
  readonly statistics: readonly ModelStatistics[];
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '127.0.0.1:8001' },
    calibration: { type: 'string', default: '.tmp/live/calibration' },
    only: { type: 'string', default: '' },
    measure: { type: 'boolean', default: true },
    repeats: { type: 'string', default: String(REPEATS) },
  },
  allowNegative: true,
});

const client = connectTriton({ url: values.url });
const analyzer = await preparePerfAnalyzer(findInstallation()!);
await mkdir(KEPT, { recursive: true });
for (const each of YARDSTICK_CASES.filter(({ name }) => name.includes(values.only))) {
  const file = await writeScenario(
    join(KEPT, 'scenarios'),
    join(process.cwd(), values.calibration),
    {
      name: each.name,
      group: each.group,
      loads: each.loads.map(({ model }) => ({ model, load: { process: { kind: 'poisson', ratePerS: 1 } } })),
    },
    client,
  );
  for (let i = 1; i <= Number(values.repeats); i++) {
    const path = join(KEPT, `${fileName(each.name)}-${i}.json`);
    let kept = await readFile(path, 'utf8')
      .then((text) => JSON.parse(text) as Kept)
      .catch(() => undefined);
    if (kept === undefined) {
      if (!values.measure) continue;
      const models = each.loads.map(({ model }) => model);
      const before = await restingStatistics(client, models);
      const requests = await runYardstick(analyzer, values.url, each.loads, DURATION_S);
      const counted = subtractStatistics(await restingStatistics(client, models), before);
      kept = { requests, statistics: counted };
      await writeFileAtomically(path, JSON.stringify(kept));
    }
    await compare(each.name, file, kept);
  }
}
client.close();

async function compare(name: string, file: string, { requests, statistics }: Kept): Promise<void> {
  const { scenario } = await loadScenario(file);
  const tenants = scenario.tenants.map((tenant, t) => {
    const arrivalUs = Float64Array.from(requests[t]!.sentUs);
    const n = arrivalUs.length;
    return {
      ...tenant,
      load: {
        mode: 'open' as const,
        trace: { tenants: [tenant.name], arrivalUs, tenant: new Uint16Array(n), source: 'perf_analyzer' },
      },
    };
  });
  const endUs = Math.min(...requests.map(({ sentUs }) => sentUs.at(-1)!));
  const startUs = Math.max(...requests.map(({ sentUs }) => sentUs[0]!)) + SKIPPED_S * 1e6;
  const { log } = simulate({ ...scenario, tenants, warmUpUs: 0, durationUs: endUs + 5e6 } as never);
  for (const [t, { model, sentUs, latencyUs }] of requests.entries()) {
    const live = latencyUs.filter((_, i) => sentUs[i]! >= startUs && sentUs[i]! < endUs);
    const rows = Array.from(log.outcome.keys()).filter(
      (i) =>
        log.tenant[i] === t &&
        log.outcome[i] === Outcome.completed &&
        log.plannedUs[i]! >= startUs &&
        log.plannedUs[i]! < endUs,
    );
    const simulated = rows.map((i) => log.endedUs[i]! - log.plannedUs[i]!);
    const executions = new Set(rows.map((i) => log.execution[i]!)).size;
    const [a, b] = [figures(live), figures(simulated)];
    const cells = Object.keys(a).map(
      (k) => `${k} ${(a[k]! / 1000).toFixed(2)} ${percent(b[k]! / a[k]! - 1)}`,
    );
    const counted = statistics.find((each) => each.model === model)!;
    const batch = counted.inferenceCount / counted.executionCount;
    const rate = live.length / ((endUs - startUs) / 1e6);
    process.stdout.write(
      `${name.padEnd(36)} ${model.padEnd(16)} ${rate.toFixed(0).padStart(5)}/s  ${cells.join('  ')}  batch ${batch.toFixed(2)} ${percent(rows.length / executions / batch - 1)}\n`,
    );
  }
}

function figures(latencyUs: number[]): Record<string, number> {
  const sorted = sortedValues(Float64Array.from(latencyUs));
  const at = (p: number) => quantileOfSorted(sorted, p);
  return { mean: mean(latencyUs), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function percent(x: number): string {
  return `${x < 0 ? '' : '+'}${(100 * x).toFixed(1)}%`.padStart(7);
}
