import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHE_BYTES, CASES } from './compositions/cases.js';
import { measureOnceMore, prepareLoads } from './compositions/measure.js';
import { compositionsPage } from './compositions/page.js';
import { rowsOf } from './compositions/rows.js';
import { reproduction } from './support/reproduction.js';
import { countOf } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';
import { onServer } from './triton/on-server.js';
import { preparePerfAnalyzer } from './triton/perf-analyzer.js';
import { writeRepository } from './triton/write-repository.js';

await reproduction({
  name: 'compositions',
  about: `An ensemble, a BLS pipeline, sequences and a cached model on a real Triton: calibrated once, then loads that were not seen.
Needs npm run triton -- setup. Takes about 8 minutes.`,
  results: 'results/live',
  options: { repeats: { takes: 'N', default: '3', help: 'live runs of each load' } },
  run: async ({ repeats: given }, onProgress) => {
    const repeats = countOf('repeats', given);
    const installation = requireInstallation();
    const folder = await mkdtemp(join(tmpdir(), 'perseus-compositions-'));
    const repository = join(folder, 'repository');
    try {
      await writeRepository(
        repository,
        CASES.flatMap(({ models }) => models),
        installation,
      );
      const analyzer = await preparePerfAnalyzer(installation, onProgress);
      const server = {
        ...{ installation, repository, logFile: join(folder, 'server.log') },
        extraArguments: [`--cache-config=local,size=${CACHE_BYTES}`],
      };
      return await onServer(server, async (client, { url }) => {
        const stand = { client, url, analyzer, folder, onProgress };
        const { loads, calibrations } = await prepareLoads(stand);
        for (let repeat = 0; repeat < repeats; repeat++) await measureOnceMore(loads, stand);
        const rows = loads.flatMap(rowsOf).sort((a, b) => b.margin - a.margin);
        return { rows, repeats, calibrations };
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  files: (result) => new Map([['compositions.md', compositionsPage(result)]]),
  json: ({ rows }) => ({ points: rows }),
  report: compositionsPage,
});
