import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { InferenceClient } from '../src/live/inference-client.js';
import { restingStatistics } from '../src/live/resting-statistics.js';
import { subtractStatistics } from '../src/live/statistics.js';
import { connectTriton } from '../src/live/triton/connect.js';
import { writeFileAtomically } from '../src/node/atomic-write.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { CALIBRATED, VARIANTS } from './live/models.js';
import { runYardstick } from './live/perf-analyzer-runs.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { YARDSTICK_CASES, type YardstickCase } from './live/yardstick-cases.js';
import { compareYardstick, type MeasuredYardstick, type YardstickRow } from './live/yardstick-compare.js';
import { yardstickMarkdown } from './live/yardstick-results.js';
import { findInstallation } from './triton/installation.js';
import { type PerfAnalyzer, preparePerfAnalyzer } from './triton/perf-analyzer.js';
import { startServer } from './triton/server.js';
import { writeRepository } from './triton/write-repository.js';

const CALIBRATION = '.tmp/live/calibration';
const KEPT = '.tmp/live/yardstick';
const DURATION_S = 20;

const USAGE = `usage: npm run reproduce:yardstick -- [--repeats N] [--only TEXT] [--fresh]
  Loads that NVIDIA's perf_analyzer plays and measures, simulated on exactly its arrivals with the profiles that
  npm run reproduce:live has calibrated.
  --repeats N   live runs of each case (3)
  --only TEXT   only cases whose name holds this text; writes no results
  --fresh       measure everything again; otherwise what ${KEPT} holds is kept
About 12 minutes on a quiet machine.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      repeats: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const installation = findInstallation();
  if (installation === undefined) throw new Error('no Triton here: npm run triton -- setup');
  if (!existsSync(CALIBRATION)) throw new Error(`no ${CALIBRATION}: run npm run reproduce:live first`);
  if (values.fresh) await (await import('node:fs/promises')).rm(KEPT, { recursive: true, force: true });
  await mkdir(KEPT, { recursive: true });
  const repository = join(KEPT, 'repository');
  await writeRepository(repository, [...CALIBRATED, ...VARIANTS], installation);
  const server = await startServer({ installation, repository, logFile: join(KEPT, 'server.log') });
  const client = connectTriton({ url: server.url });
  try {
    const analyzer = await preparePerfAnalyzer(installation);
    const rows: YardstickRow[] = [];
    for (const each of YARDSTICK_CASES.filter(({ name }) => name.includes(values.only))) {
      const { scenario } = await loadScenario(await scenarioFile(each, client));
      for (let repeat = 1; repeat <= Number(values.repeats); repeat++) {
        const measured = await measureOnce(each, repeat, { client, analyzer, url: server.url });
        rows.push(...compareYardstick(each, repeat, scenario, measured));
      }
    }
    const text = yardstickMarkdown(rows);
    if (values.only === '') await writeFileAtomically('results/live/perf-analyzer.md', text);
    process.stdout.write(text);
  } finally {
    client.close();
    await server.stop();
  }
}

function scenarioFile(each: YardstickCase, client: InferenceClient): Promise<string> {
  // The rate is a place holder: arrivals are perf_analyzer's own.
  const loads = each.loads.map(({ model, ratePerS }) => ({
    model,
    load: { process: { kind: 'poisson', ratePerS } },
  }));
  return writeScenario(join(KEPT, 'scenarios'), resolve(CALIBRATION), { ...each, loads }, client);
}

interface Stand {
  readonly client: InferenceClient;
  readonly analyzer: PerfAnalyzer;
  readonly url: string;
}

async function measureOnce(
  each: YardstickCase,
  repeat: number,
  { client, analyzer, url }: Stand,
): Promise<MeasuredYardstick> {
  const path = join(KEPT, `${fileName(each.name)}-${repeat}.json`);
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as MeasuredYardstick;
  process.stderr.write(`perf_analyzer, run ${repeat}: ${each.name}\n`);
  const models = each.loads.map(({ model }) => model);
  const before = await restingStatistics(client, models);
  const requests = await runYardstick(analyzer, url, each.loads, DURATION_S);
  const statistics = subtractStatistics(await restingStatistics(client, models), before);
  await writeFileAtomically(path, JSON.stringify({ requests, statistics }));
  return { requests, statistics };
}

await main();
