import type { CommandModule } from 'yargs';
import { printResult, wantsColour } from '../output.js';

interface DiffArguments {
  readonly a: string;
  readonly b: string;
  readonly json: boolean;
  readonly tolerance: number;
  readonly 'fail-on-worse': boolean;
}

export const diffCommand: CommandModule<object, DiffArguments> = {
  command: 'diff <a> <b>',
  describe: 'What changed between two runs, with significance, and what lies behind it',
  builder: (yargs) =>
    yargs
      .positional('a', { type: 'string', demandOption: true, describe: 'Run folder or report.json: before' })
      .positional('b', { type: 'string', demandOption: true, describe: 'Run folder or report.json: after' })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .option('tolerance', {
        type: 'number',
        default: 0,
        describe: 'Changes of at most so many percent are no change',
      })
      .option('fail-on-worse', {
        type: 'boolean',
        default: false,
        describe: 'Exit with 1 when a figure is significantly worse or an SLO is no longer met',
      })
      .example('$0 diff results/before results/after', 'tenants, metrics, and the fields that differ')
      .example('$0 diff results/main results/branch --fail-on-worse --tolerance 2', 'for a build'),
  handler: async (args) => {
    const { InputError } = await import('../../base/problem.js');
    if (!(args.tolerance >= 0 && Number.isFinite(args.tolerance))) {
      throw InputError.of(`${args.tolerance} is no tolerance`, 'write 0 or more', { path: '--tolerance' });
    }
    const { readSnapshots } = await import('../../node/diff-files.js');
    const { diffRuns } = await import('../../diff/diff-runs.js');
    const [a, b] = await readSnapshots(args.a, args.b);
    const diff = diffRuns(a, b, { tolerancePercent: args.tolerance });
    const { canonicalJson } = await import('../../report/canonical-json.js');
    const { diffToText } = await import('../../diff/diff-text.js');
    await printResult(
      args.json
        ? canonicalJson({ format: 'perseus-diff/1', ...diff }, ['format'])
        : diffToText(diff, { colour: wantsColour() }),
    );
    if (args['fail-on-worse'] && diff.isWorse) process.exitCode = 1;
  },
};
