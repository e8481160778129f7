import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { KEPT, keptCalibrations, LATENCIES, type Latency } from './kept/calibrations.js';
import { type Forecast, logError, replayKept } from './kept/replay.js';
import { GROUPS, scoreTable } from './kept/scores.js';
import { SCORED, VARIANTS } from './kept/variants.js';
import { reproduction } from './support/reproduction.js';
import { namedBy } from './support/script-options.js';
import { type Column, markdownTable, type Table, tableOf } from './support/table.js';
import { inTemporaryFolder } from './support/temporary-folder.js';

interface Replayed {
  readonly variant: string;
  readonly forecasts: readonly Forecast[];
}

await reproduction({
  name: 'kept',
  about: `Simulates the cases of reproduce:live under kept calibrations, with all effects and with each left out, beside what was
measured. Needs no server. About two minutes.`,
  data: { from: KEPT, takes: 'FOLDER', help: 'a folder for each calibration: profiles, and measured.json' },
  results: KEPT,
  fitsNothing: 'the calibration that predicts sees none of these loads',
  options: {
    scores: {
      help: 'scores the model beside simpler ones and live runs instead; writes scores.md and\nno other result',
    },
    only: { takes: 'TEXT', help: 'only variants whose name holds this text' },
  },
  partial: ['only'],
  seeds: '1 to 4',
  run: async ({ data, only = '', scores }, onProgress) => {
    const calibrations = await keptCalibrations(data);
    const asked = { option: 'only', text: only, kind: 'variant' };
    const variants = namedBy(asked, scores ? SCORED : VARIANTS, ({ name }) => name);
    const found: Replayed[] = [];
    await inTemporaryFolder(async (folder) => {
      for (const variant of variants) {
        onProgress(variant.name);
        const forecasts: Forecast[] = [];
        for (const kept of calibrations)
          forecasts.push(...(await replayKept(kept, variant, join(folder, kept.commit))));
        found.push({ variant: variant.name, forecasts });
      }
    });
    return { found, scores, commits: calibrations.map(({ commit }) => commit) };
  },
  files: (result) =>
    new Map([result.scores ? ['scores.md', scorePage(result)] : ['README.md', page(result)]]),
  json: ({ found }) => ({
    points: found.flatMap(({ variant, forecasts }) => forecasts.map((each) => ({ variant, ...each }))),
  }),
  report: (result) => (result.scores ? scorePage(result) : page(result)),
});

interface Result {
  readonly found: readonly Replayed[];
  readonly scores: boolean;
  readonly commits: readonly string[];
}

function page({ found, commits }: Result): string {
  return `# Kept calibrations, replayed

Each folder here is one calibration of the sample's six models on a live Triton, under the commit that names it.
\`measured.json\` holds the latencies of 18 cases that the same server served afterwards: the mean of three live runs, and their range.
The cases are those of \`npm run reproduce:live\`: two cores of a shared AMD EPYC machine, perseus' own load generator.
[scores.md](scores.md) holds the model beside simpler ones and beside what live runs tell of each other.

The table shows the mean absolute error of mean / p50 / p95 / p99 in percent, as 100 times the logarithm of predicted over measured.
One effect is left out in each row and nothing is fitted anew. So a row is an upper limit of what its effect is worth.
These cases helped to choose the rules. They say what an effect is worth on this host, not how well perseus predicts elsewhere.

In aa6ac90 and ff4b0aa mobilenet had a penalty by doublings of its idle time. That law is gone, and it has the warm-up state of 89694d0 instead.
That change made the networks' errors 0.3 / 0.3 / 0.2 / 0.2 percentage points larger.

${markdownTable(effectTable(found))}

Made by \`npm run reproduce:kept\` from the calibrations of ${commits.join(', ')}. ${provenanceLine()}
`;
}

function scorePage({ found, commits }: Result): string {
  return `# Live Triton: the model, simpler ones, and other live runs

The [kept calibrations](README.md) (${commits.join(', ')}) and 18 cases each that no calibration saw. These cases helped to choose the rules.

- Errors are 100 times the logarithm of predicted over measured, without their sign.
- The CRPS scores a whole forecast, its interval included: less is better. No throughput is counted.
- Intervals are for the mean of three new live runs. Those of simpler models have the errors that calibration told of the full one.
- The minimal model keeps service by batch with its variability, slowdowns of pairs, one network delay and batching.
- *Mean service and one delay* keeps batching and what the name says. Nothing is fitted anew for either.
- *A live run of the same hour* is one of the three live runs by another, from their range.
- *Live runs of another day* are those of another calibration on the same arrivals. A lone number has its error as CRPS.

${markdownTable(scoreTable(new Map(found.map(({ variant, forecasts }) => [variant, forecasts]))))}

Made by \`npm run reproduce:kept -- --scores\`. ${provenanceLine()}
`;
}

function effectTable(found: readonly Replayed[]): Table {
  const sizes = ({ forecasts }: Replayed, group: string, key: Latency) =>
    forecasts
      .filter((each) => each.group === group && each.latency === key)
      .map((each) => Math.abs(logError(each)));
  const isThere = (group: string) =>
    found.some(({ forecasts }) => forecasts.some((each) => each.group === group));
  const groups = Object.entries(GROUPS).filter(([group]) => isThere(group));
  const columns = groups.flatMap(([group, name]): Column<Replayed>[] => {
    const worst = (row: Replayed, key: Latency) => Math.max(...sizes(row, group, key)).toFixed(0);
    return [
      [name, (row) => LATENCIES.map((key) => mean(sizes(row, group, key)).toFixed(1)).join(' / ')],
      ['worst mean / p99', (row) => `${worst(row, 'meanMs')} / ${worst(row, 'p99Ms')}`],
    ];
  });
  return tableOf(found, [['variant', ({ variant }) => variant], ...columns]);
}
