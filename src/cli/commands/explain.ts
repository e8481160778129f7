import { STANDARD_INPUT } from '../../base/standard-input.js';
import { command } from '../command.js';
import { gatherBeside } from '../gather-problems.js';
import { printResult, say, textOptions, VERBOSE } from '../output.js';
import { overridesOf, scenarioArgument, withScenarioOptions } from './options/scenario-options.js';

export const explainCommand = command({
  command: 'explain <scenario>',
  describe: 'Why a tenant misses its SLO',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('scenario', scenarioArgument)
      .option('tenant', {
        type: 'string',
        describe: 'Which tenant; default: each that misses its SLO, or all',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .option('verbose', VERBOSE)
      .example(
        '$0 explain examples/scenarios/two-tenants.yaml --tenant inception-v3',
        'the culprit of one tenant',
      ),
  handler: async (args) => {
    const { loadScenario } = await import('../../node/scenario/scenario-files.js');
    const { explainScenario } = await import('../../node/runs/explain-scenario.js');
    const { explanationsToJson, explanationToText } = await import('../../report/explanation-text.js');
    const [overrides] = await gatherBeside(
      () => loadScenario(args.scenario),
      () => overridesOf(args),
    );
    const { tenant } = args;
    const explained = await explainScenario(args.scenario, { overrides, tenant, progress: say, notify: say });
    const missing = explained.filter(({ summary }) => summary.slo?.met === false);
    const shown = args.tenant === undefined && missing.length > 0 ? missing : explained;
    const how = textOptions(args);
    const next = args.scenario === STANDARD_INPUT ? {} : { file: args.scenario };
    const last = shown.at(-1);
    await printResult(
      args.json
        ? explanationsToJson(shown)
        : shown.map((each) => explanationToText(each, { ...how, ...(each === last && next) })).join('\n'),
    );
  },
});
