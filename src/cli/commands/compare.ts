import { command } from '../command.js';
import { gatherBeside, gatherProblems } from '../gather-problems.js';
import { COUNT, requireNumbers } from '../number-options.js';
import { MARKDOWN, printJson, printResult, requireOneForm, say, textOptions, VERBOSE } from '../output.js';
import { overridesOf, scenarioFileOf, withScenarioOptions } from './options/scenario-options.js';

export const compareCommand = command({
  command: 'compare <a> [b]',
  describe: 'Two placements, or with and without a tenant',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('a', {
        type: 'string',
        demandOption: true,
        describe: 'Scenario file',
        coerce: scenarioFileOf,
      })
      .positional('b', {
        type: 'string',
        describe: 'Scenario file with the same tenants, placed differently',
        coerce: scenarioFileOf,
      })
      .option('without', {
        type: 'string',
        describe: 'Tenant whose marginal cost is asked for, instead of <b>',
      })
      .option('runs', { type: 'number', default: 5, describe: 'Replications, the same seeds in both' })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .option('markdown', MARKDOWN)
      .option('verbose', VERBOSE)
      .example(
        '$0 compare examples/scenarios/shared-gpu-streams.yaml examples/scenarios/time-slices.yaml',
        'two models side by side on one GPU against in turns',
      )
      .example(
        '$0 compare examples/scenarios/two-tenants.yaml --without inception-v3',
        'what one tenant more costs',
      ),
  handler: async (args) => {
    const { comparePlacements, compareWithout } = await import('../../node/runs/compare-placements.js');
    const { InputError } = await import('../../base/problem.js');
    const { loadScenario } = await import('../../node/scenario/scenario-files.js');
    const scenarios = [args.a, args.b].filter((path) => path !== undefined);
    const [overrides] = await gatherBeside(
      () => gatherProblems(...scenarios.map((path) => () => loadScenario(path))),
      () => overridesOf(args),
      () => requireNumbers({ runs: [args.runs, COUNT] }),
      () => requireOneForm(args),
      () => {
        if ((args.b === undefined) !== (args.without === undefined)) return;
        throw InputError.of('compare needs a second scenario or --without TENANT', 'give one of the two');
      },
    );
    const options = { overrides, runs: args.runs, notify: say };
    const result =
      args.b === undefined
        ? await compareWithout(args.a, args.without!, options)
        : await comparePlacements(args.a, args.b, options);
    if (args.json) await printJson(result.values);
    else await printResult(result.text(textOptions(args)));
  },
});
