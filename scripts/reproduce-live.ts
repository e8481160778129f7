import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_DESIGN } from '../src/calibrate/experiment.js';
import { runLive } from '../src/live/run-live.js';
import { connectTriton } from '../src/live/triton/connect.js';
import { writeFileAtomically } from '../src/node/atomic-write.js';
import { calibrateServer } from '../src/node/calibrate-server.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { compareWithLive } from '../src/node/validate-scenario.js';
import { validationPoints } from '../src/validate/report.js';
import { keepRun, keptRun } from './live/kept-runs.js';
import { CALIBRATED, VARIANTS } from './live/models.js';
import { type CaseReport, resultsMarkdown } from './live/results.js';
import { LIVE_CASES } from './live/scenarios.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { findInstallation } from './triton/installation.js';
import { startServer } from './triton/server.js';
import { writeRepository } from './triton/write-repository.js';

const RESULTS = 'results/live';
const PUBLISHED = 'calibration/cpu-sample';
/** Live runs and points as they were measured; not part of the repository. */
const KEPT = '.tmp/live';
const REPEATS = 3;
const REPLICATIONS = 8;

const USAGE = `usage: npm run reproduce:live -- [--json FILE] [--only TEXT] [--fresh]
  --json FILE   also write all points as JSON
  --only TEXT   only cases whose name holds this text
  --fresh       measure everything again; otherwise what ${KEPT} holds is kept
Needs npm run triton -- setup. Takes about 25 minutes on a quiet machine.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      only: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const installation = findInstallation();
  if (installation === undefined) throw new Error('no Triton here: npm run triton -- setup');
  if (values.fresh) await (await import('node:fs/promises')).rm(KEPT, { recursive: true, force: true });
  await mkdir(KEPT, { recursive: true });
  const repository = join(KEPT, 'repository');
  await writeRepository(repository, [...CALIBRATED, ...VARIANTS], installation);
  const server = await startServer({ installation, repository, logFile: join(KEPT, 'server.log') });
  const client = connectTriton({ url: server.url });
  try {
    const out = join(KEPT, 'calibration');
    const calibrated = await calibrateServer({
      client,
      models: CALIBRATED.map(({ name }) => name),
      out,
      budgetS: 180 * CALIBRATED.length,
      design: { ...DEFAULT_DESIGN, load: true, allPairsUpTo: CALIBRATED.length },
      onProgress: ({ experiment, number, of }) => say(`${number}/${of} ${experiment.id}`),
    });
    say(calibrated.report);
    const cases = LIVE_CASES.filter(({ name }) => name.includes(values.only ?? ''));
    const files = new Map<string, string>();
    for (const each of cases)
      files.set(each.name, await writeScenario(join(KEPT, 'scenarios'), '../calibration', each, client));
    for (let repeat = 1; repeat <= REPEATS; repeat++) {
      for (const each of cases) {
        const name = `${fileName(each.name)}-${repeat}`;
        if ((await keptRun(KEPT, name)) !== undefined) continue;
        say(`live run ${repeat} of ${REPEATS}: ${each.name}`);
        const { scenario } = await loadScenario(files.get(each.name)!);
        await keepRun(KEPT, name, await runLive(scenario, { servers: [{ client }] }));
      }
    }
    const reports: CaseReport[] = [];
    for (const each of cases) {
      const runs = await Promise.all(
        Array.from({ length: REPEATS }, (_, i) => keptRun(KEPT, `${fileName(each.name)}-${i + 1}`)),
      );
      const { scenario } = await loadScenario(files.get(each.name)!);
      const kept = runs.filter((run) => run !== undefined);
      const report = compareWithLive(scenario, kept, { replications: REPLICATIONS });
      reports.push({ live: each, report, health: kept.map(({ generator }) => generator) });
    }
    const points = reports.flatMap(({ live, report }) =>
      validationPoints(report).map((point) => ({ scenario: live.name, ...point })),
    );
    if (values.json !== undefined)
      await writeFileAtomically(values.json, JSON.stringify({ points }, undefined, 1));
    if (values.only === undefined) {
      await writeFileAtomically(join(RESULTS, 'points.json'), JSON.stringify({ points }, undefined, 1));
      await writeFileAtomically(join(RESULTS, 'README.md'), resultsMarkdown(reports, calibrated.report));
      await publishProfiles(out);
    }
    process.stdout.write(resultsMarkdown(reports, calibrated.report));
  } finally {
    client.close();
    await server.stop();
  }
}

/** The profiles go where people look for them. */
async function publishProfiles(from: string): Promise<void> {
  for (const { name } of CALIBRATED) {
    const file = `${name}.profile.json`;
    await writeFileAtomically(join(PUBLISHED, file), await readFile(join(from, file), 'utf8'));
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
