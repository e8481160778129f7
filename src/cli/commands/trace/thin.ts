import { command } from '../../command.js';
import { requireNumbers } from '../../number-options.js';
import { seedOf } from '../../seed.js';
import { burstinessRemarks } from './burstiness.js';
import { fileArgument, readSource, seedOption, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

export const thinCommand = command({
  command: 'thin <file>',
  describe: 'Keep each request with a given probability',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .option('keep', {
        type: 'number',
        demandOption: true,
        describe: 'Probability with which a request stays, 0 to 1',
      })
      .option('seed', seedOption)
      .options(writeOptions)
      .example('$0 trace thin traces/azure-llm-2023.csv.gz --keep 0.3 --out third.csv', 'about a third'),
  handler: async (args) => {
    const { file, keep, seed } = args;
    const { thinTrace } = await import('../../../trace/transform.js');
    const { changePerTenant } = await import('./per-tenant.js');
    const before = await readSource(args, [() => requireNumbers({ keep: [keep, { from: 0, to: 1 }] })]);
    const after = changePerTenant(before, seedOf(seed), (own, random) => thinTrace(own, keep, random));
    const remarks = await burstinessRemarks(before, after, thinningSentence(keep));
    await writeAndTell(args, changed(after, file, `kept with probability ${keep}, seed ${seed}`), remarks);
  },
});

/**
 * What thinning does to bursts, also as the way to scale a rate down. Counts that are thinned by p have
 * variance over mean - 1 = p × (that of all - 1) (Cox and Isham, Point Processes, 1980, section 4.3).
 */
export function thinningSentence(probability: number): string {
  return `Each request was kept with probability ${probability}, independently: bursts are thinned out like everything else, and the dispersion comes nearer to 1 by that factor. trace scale --time changes the rate and keeps the CV of gaps.`;
}
