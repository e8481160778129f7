import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_DESIGN } from '../src/calibrate/experiment.js';
import { COUNT, requireNumbers } from '../src/cli/number-options.js';
import { writeFileAtomically } from '../src/node/atomic-write.js';
import { calibrateServer } from '../src/node/calibrate-server.js';
import { provenanceLine } from '../src/node/package-facts.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { withGeneratorDelay } from '../src/scenario/generator-delay.js';
import { CALLER_CASES, LIMITED } from './callers/cases.js';
import { callersMarkdown, compareCallers } from './callers/results.js';
import { keptOrPlayed } from './live/kept-runs.js';
import { DURATION_S, fileName, writeScenario } from './live/write-scenario.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';
import { onServer } from './triton/on-server.js';
import { writeRepository } from './triton/write-repository.js';

const RESULTS = 'results/live/callers.md';
/** Live runs and points as they were measured; not part of the repository. */
const KEPT = '.tmp/callers';
const SECONDS_PER_MODEL = 75;

const USAGE = `usage: npm run reproduce:callers -- [--repeats N] [--fresh] [--json FILE]
  Calibrates models with a queue limit on a real Triton, then plays closed loops of callers that send as soon as they have their answer,
  and open loops, and puts what was answered beside what is simulated.
  --repeats N   runs of each case (2)
  --fresh       measure again; otherwise what ${KEPT} holds counts
  --json FILE   also write the figures
Needs npm run triton -- setup. About 15 minutes on a quiet machine.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    repeats: { type: 'string', default: '2' },
    fresh: { type: 'boolean', default: false },
    json: { type: 'string' },
  });
  const installation = requireInstallation();
  const repeats = Number(values.repeats);
  requireNumbers({ repeats: [repeats, COUNT] });
  if (values.fresh) await rm(KEPT, { recursive: true, force: true });
  await mkdir(KEPT, { recursive: true });
  const repository = join(KEPT, 'repository');
  await writeRepository(repository, LIMITED, installation);
  await onServer({ installation, repository, logFile: join(KEPT, 'server.log') }, async (client) => {
    const { report } = await calibrateServer({
      client,
      models: LIMITED.map(({ name }) => name),
      out: join(KEPT, 'calibration'),
      budgetS: SECONDS_PER_MODEL * LIMITED.length,
      design: DEFAULT_DESIGN,
      onProgress: ({ experiment, number, of }) => say(`${number}/${of} ${experiment.id}`),
    });
    say(report);
    const files = { profiles: '../calibration', variants: [] };
    const rows = [];
    for (const live of CALLER_CASES) {
      const file = await writeScenario(join(KEPT, 'scenarios'), files, live, client);
      const { scenario } = await loadScenario(file);
      const runs = [];
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const onPlay = () => say(`live run ${repeat} of ${repeats}: ${live.name}`);
        runs.push(await keptOrPlayed(KEPT, `${fileName(live.name)}-${repeat}`, { scenario, client, onPlay }));
      }
      rows.push(compareCallers(live.name, withGeneratorDelay(scenario), runs, DURATION_S));
    }
    const page = callersMarkdown(rows, provenanceLine());
    await writeFileAtomically(RESULTS, page);
    if (values.json !== undefined)
      await writeFileAtomically(values.json, `${JSON.stringify({ cases: rows }, undefined, 1)}\n`);
    process.stdout.write(page);
  });
}

await runScript(main);
