import { given } from '../../base/given.js';
import { command } from '../command.js';
import { gatherBeside } from '../gather-problems.js';
import { COUNT, requireNumbers, THREADS } from '../number-options.js';
import { MARKDOWN, printJson, printResult, requireOneForm, say, textOptions, VERBOSE } from '../output.js';

export const checkCommand = command({
  command: 'check <expectations>',
  describe: 'Fail a build that breaks an SLO or a budget',
  builder: (yargs) =>
    yargs
      .positional('expectations', {
        type: 'string',
        demandOption: true,
        describe: 'File of expectations (YAML or JSON), or a scenario: its SLOs',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .option('markdown', MARKDOWN)
      .option('verbose', VERBOSE)
      .option('junit', { type: 'string', describe: 'Also write a JUnit XML file' })
      .option('unsure', {
        choices: ['value', 'pass', 'fail'],
        describe: 'Where the interval holds the bound: judge by the value, pass or fail',
      })
      .option('doubt', {
        type: 'boolean',
        default: false,
        describe: 'Unsure is also what the errors of the profiles decide; takes two more runs of each case',
      })
      .option('runs', { type: 'number', describe: 'Replications, instead of those in the file' })
      .option('threads', { type: 'number', default: 1, describe: 'Worker threads; the result is the same' })
      .example('$0 check examples/expectations/shipped.yaml', 'exit code 1 when one is violated')
      .example(
        '$0 check examples/expectations/shipped.yaml --junit check.xml --unsure fail',
        'for a build server',
      )
      .example('$0 check perseus.yaml --markdown', 'for a comment on a pull request'),
  handler: async (args) => {
    const { checkExpectations, readExpectations } = await import('../../node/runs/check-expectations.js');
    const { requireFilePlace } = await import('../../node/files/output-places.js');
    await gatherBeside(
      () => readExpectations(args.expectations),
      () => requireOneForm(args),
      () => requireNumbers({ threads: [args.threads, THREADS], runs: [args.runs, COUNT] }),
      () => args.junit !== undefined && requireFilePlace('--junit', args.junit),
    );
    const outcome = await checkExpectations(args.expectations, {
      threads: args.threads,
      doubt: args.doubt,
      progress: say,
      ...given({ runs: args.runs, unsure: args.unsure as 'value' | 'pass' | 'fail' | undefined }),
    });
    if (args.junit !== undefined) {
      const { checkToJunit } = await import('../../check/junit.js');
      const { writeFileAtomically } = await import('../../node/files/atomic-write.js');
      await writeFileAtomically(args.junit, checkToJunit(outcome));
      say(`wrote ${args.junit}`);
    }
    if (!outcome.passed) process.exitCode = 1;
    if (args.json) return printJson({ format: 'perseus-check/1', ...outcome });
    const { checkToText } = await import('../../check/outcome.js');
    await printResult(checkToText(outcome, textOptions(args)));
  },
});
