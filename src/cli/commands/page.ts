import { command } from '../command.js';
import { gatherProblems } from '../gather-problems.js';
import { say } from '../output.js';
import { overridesOf, scenarioArgument, withScenarioOptions } from './options/scenario-options.js';

export const pageCommand = command({
  command: 'page <scenario>',
  describe: 'Write the what-if page as one HTML file',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('scenario', scenarioArgument)
      .option('out', { type: 'string', default: 'what-if.html', describe: 'File to write' })
      .example('$0 page examples/scenarios/two-tenants.yaml --out what-if.html', 'one file to send around'),
  handler: async (args) => {
    const { loadScenario } = await import('../../node/scenario/scenario-files.js');
    const { makePage } = await import('../../node/page/make-page.js');
    const { requireFilePlace } = await import('../../node/files/output-places.js');
    const { writeFileAtomically } = await import('../../node/files/atomic-write.js');
    const [loaded] = await gatherProblems(
      () => loadScenario(args.scenario, overridesOf(args)),
      () => requireFilePlace('--out', args.out),
    );
    const { page, hash } = await makePage(loaded, say);
    await writeFileAtomically(args.out, page);
    say(`wrote ${args.out}: open it in a browser${hash === undefined ? '' : `; result ${hash}`}`);
  },
});
