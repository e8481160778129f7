import { CACHE_BYTES, CASES } from './compositions/cases.js';
import { measureOnceMore, prepareLoads } from './compositions/measure.js';
import { compositionsPage } from './compositions/page.js';
import { rowsOf } from './compositions/rows.js';
import { onStand } from './live/perf-analyzer-runs.js';
import { reproduction } from './support/reproduction.js';
import { countOf } from './support/script-options.js';
import { inTemporaryFolder } from './support/temporary-folder.js';

await reproduction({
  name: 'compositions',
  about: `An ensemble, a BLS pipeline, sequences and a cached model on a real Triton: calibrated once, then loads that were not seen.
Needs npm run triton -- setup. Takes about 8 minutes.`,
  results: 'results/live',
  options: { repeats: { takes: 'N', default: '3', help: 'live runs of each load' } },
  run: async ({ repeats: given }, onProgress) => {
    const repeats = countOf('repeats', given);
    const models = CASES.flatMap((each) => each.models);
    const extraArguments = [`--cache-config=local,size=${CACHE_BYTES}`];
    return inTemporaryFolder((folder) =>
      onStand({ folder, models, extraArguments, onProgress }, async (stand) => {
        const { loads, calibrations } = await prepareLoads(stand);
        for (let repeat = 0; repeat < repeats; repeat++) await measureOnceMore(loads, stand);
        const rows = loads.flatMap(rowsOf).sort((a, b) => b.margin - a.margin);
        return { rows, repeats, calibrations };
      }),
    );
  },
  files: (result) => new Map([['compositions.md', compositionsPage(result)]]),
  json: ({ rows }) => ({ points: rows }),
  report: compositionsPage,
});
