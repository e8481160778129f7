import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { KEPT, keptCalibrations, LATENCIES, type Latency } from './kept/calibrations.js';
import { type LatencyError, replayKept } from './kept/replay.js';
import { VARIANTS } from './kept/variants.js';
import { reproduction } from './support/reproduction.js';
import { type Column, markdownTable, tableOf } from './support/table.js';

/** What the two groups of cases are. */
const GROUPS = { sleeping: 'models that wait', onnx: 'networks that compute' } as const;

interface Replayed {
  readonly variant: string;
  readonly errors: readonly LatencyError[];
}

await reproduction({
  name: 'kept',
  about: `Simulates the cases of reproduce:live under kept calibrations, with all effects and with each left out, beside what was
measured. Needs no server. About two minutes.`,
  data: { from: KEPT, takes: 'FOLDER', help: 'a folder for each calibration: profiles, and measured.json' },
  results: KEPT,
  options: { only: { takes: 'TEXT', help: 'only variants whose name holds this text' } },
  partial: ['only'],
  seeds: '1 to 4',
  run: async ({ data, only = '' }, onProgress) => {
    const calibrations = await keptCalibrations(data);
    const folder = await mkdtemp(join(tmpdir(), 'perseus-kept-'));
    try {
      const found: Replayed[] = [];
      for (const variant of VARIANTS.filter(({ name }) => name.includes(only))) {
        onProgress(variant.name);
        const errors: LatencyError[] = [];
        for (const kept of calibrations)
          errors.push(...(await replayKept(kept, variant, join(folder, kept.commit))));
        found.push({ variant: variant.name, errors });
      }
      return { found, commits: calibrations.map(({ commit }) => commit) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  files: (result) => new Map([['README.md', page(result)]]),
  json: ({ found }) => found,
  report: page,
});

interface Result {
  readonly found: readonly Replayed[];
  readonly commits: readonly string[];
}

function page({ found, commits }: Result): string {
  const sizes = ({ errors }: Replayed, group: string, key: Latency) =>
    errors.filter((each) => each.group === group).map((each) => Math.abs(each.errors[key]));
  const columns = Object.entries(GROUPS).flatMap(([group, name]): Column<Replayed>[] => {
    const worst = (row: Replayed, key: Latency) => Math.max(...sizes(row, group, key)).toFixed(0);
    return [
      [name, (row) => LATENCIES.map((key) => mean(sizes(row, group, key)).toFixed(1)).join(' / ')],
      ['worst mean / p99', (row) => `${worst(row, 'meanMs')} / ${worst(row, 'p99Ms')}`],
    ];
  });
  return `# Kept calibrations, replayed

Each folder here is one calibration of the sample's six models on a live Triton, under the commit that names it.
\`measured.json\` holds the latencies of 18 cases that the same server served afterwards, the mean of three live runs.
The cases are those of \`npm run reproduce:live\`: two cores of a shared AMD EPYC machine, perseus' own load generator.

The table shows the mean absolute error of mean / p50 / p95 / p99 in percent, as 100 times the logarithm of predicted over measured.
One effect is left out in each row and nothing is fitted anew. So a row is an upper limit of what its effect is worth.
These cases helped to choose the rules. They say what an effect is worth on this host, not how well perseus predicts elsewhere.

${markdownTable(tableOf(found, [['variant', ({ variant }) => variant], ...columns]))}

Made by \`npm run reproduce:kept\` from the calibrations of ${commits.join(', ')}. ${provenanceLine()}
`;
}
