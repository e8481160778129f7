import type { DiffOptions } from '../../diff/verdicts.js';
import type { DiffPair } from '../../node/diff/diff-files.js';
import type { AnswerTextOptions } from '../../report/text/answer-text.js';
import { command } from '../command.js';
import { gatherProblems } from '../gather-problems.js';
import { requireNumbers } from '../number-options.js';
import { MARKDOWN, printJson, printResult, requireOneForm, textOptions, VERBOSE } from '../output.js';

export const diffCommand = command({
  command: 'diff <a> <b>',
  describe: 'What changed between two runs or two sweeps',
  builder: (yargs) =>
    yargs
      .positional('a', {
        type: 'string',
        demandOption: true,
        describe: 'Before: folder of perseus simulate --out or of perseus sweep, or a report.json',
      })
      .positional('b', { type: 'string', demandOption: true, describe: 'After: the same of another run' })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .option('markdown', MARKDOWN)
      .option('verbose', VERBOSE)
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
      .example('$0 diff results/main results/branch --fail-on-worse --tolerance 2', 'for a build')
      .epilogue(
        'Sweeps: points are matched by their axes; those that differ only in the axis of seeds are replications of one setting, paired by seed. Significance is judged over all figures of all points together.',
      ),
  handler: async (args) => {
    const { readPair } = await import('../../node/diff/diff-files.js');
    const [pair] = await gatherProblems(
      () => readPair(args.a, args.b),
      () => requireNumbers({ tolerance: [args.tolerance, { from: 0 }] }),
      () => requireOneForm(args),
    );
    const options = { tolerancePercent: args.tolerance };
    const diff = pair.kind === 'sweeps' ? await sweepDiff(pair, options) : await runDiff(pair, options);
    if (args['fail-on-worse'] && diff.isWorse) process.exitCode = 1;
    if (args.json) await printJson(diff.json);
    else await printResult(diff.text(textOptions(args)));
  },
});

interface Printable {
  readonly json: object;
  readonly text: (options: AnswerTextOptions) => string;
  readonly isWorse: boolean;
}

async function runDiff(
  { a, b }: Extract<DiffPair, { kind: 'runs' }>,
  options: DiffOptions,
): Promise<Printable> {
  const { diffRuns } = await import('../../diff/diff-runs.js');
  const { diffToText } = await import('../../diff/diff-text.js');
  const diff = diffRuns(a, b, options);
  return {
    json: { format: 'perseus-diff/1', ...diff },
    text: (how) => diffToText(diff, how),
    isWorse: diff.isWorse,
  };
}

async function sweepDiff(
  { a, b }: Extract<DiffPair, { kind: 'sweeps' }>,
  options: DiffOptions,
): Promise<Printable> {
  const { diffSweeps } = await import('../../diff/diff-sweeps.js');
  const { sweepDiffToText } = await import('../../diff/sweep-diff-text.js');
  const diff = diffSweeps(a, b, options);
  return {
    json: { format: 'perseus-sweep-diff/1', ...diff },
    text: (how) => sweepDiffToText(diff, how),
    isWorse: diff.isWorse,
  };
}
