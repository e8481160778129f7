import { mkdir, rm } from 'node:fs/promises';
import { CACHE_BYTES, CASES } from './compositions/cases.js';
import { isAllKept, measureOnceMore, prepareLoads } from './compositions/measure.js';
import { compositionsPage } from './compositions/page.js';
import { rowsOf } from './compositions/rows.js';
import { onStand, type Stand } from './live/perf-analyzer-runs.js';
import { reproduction } from './support/reproduction.js';
import { countOf } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';

const KEPT = '.tmp/compositions';

await reproduction({
  name: 'compositions',
  about: `An ensemble, a BLS pipeline, sequences and a cached model on a real Triton: calibrated once, then loads that were not seen.
What is not kept needs npm run triton -- setup, and takes about 8 minutes.`,
  data: {
    from: KEPT,
    takes: 'FOLDER',
    help: 'where calibrations and runs are kept as they were measured; what it lacks is measured',
  },
  results: 'results/live',
  fitsNothing: 'the calibration that predicts sees none of these loads',
  options: {
    repeats: { takes: 'N', default: '3', help: 'live runs of each load' },
    fresh: { help: `measure everything again: what ${KEPT} holds is removed` },
  },
  run: async ({ data: kept, repeats: given, fresh }, onProgress) => {
    const repeats = countOf('repeats', given);
    if (fresh) await rm(KEPT, { recursive: true, force: true });
    const result = async (stand?: Stand) => {
      const { loads, calibrations } = await prepareLoads(kept, stand);
      for (let repeat = 1; repeat <= repeats; repeat++) await measureOnceMore(loads, repeat, kept, stand);
      const rows = loads.flatMap(rowsOf).sort((a, b) => b.margin - a.margin);
      return { rows, repeats, calibrations };
    };
    if (isAllKept(kept, repeats)) return result();
    requireInstallation();
    await mkdir(kept, { recursive: true });
    const models = CASES.flatMap((each) => each.models);
    const extraArguments = [`--cache-config=local,size=${CACHE_BYTES}`];
    return onStand({ folder: kept, models, extraArguments, onProgress }, result);
  },
  files: (result) => new Map([['compositions.md', compositionsPage(result)]]),
  json: ({ rows }) => ({ points: rows }),
  report: compositionsPage,
});
