import { command } from '../command.js';
import { gatherBeside } from '../gather-problems.js';
import { printJson, printResult } from '../output.js';
import { refuseUnused } from '../unused-options.js';
import { overridesOf, scenarioArgument, withScenarioOptions } from './options/scenario-options.js';

/** Of every command that writes model repositories. */
export const emitModelsOption = {
  type: 'string',
  describe:
    'Model repository whose version folders, labels and other model files are linked into the new ones, and whose config.pbtxt says what the scenario leaves open',
} as const;

export const emitCommand = command({
  command: 'emit <scenario>',
  describe: 'Model repositories and manifests to deploy',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('scenario', scenarioArgument)
      .option('out', {
        type: 'string',
        demandOption: true,
        describe: 'Folder to write; what an earlier emit wrote there is replaced',
      })
      .option('models', emitModelsOption)
      .option('copy', { type: 'boolean', default: false, describe: 'Copy them instead of linking' })
      .option('json', { type: 'boolean', default: false, describe: 'Print what was written as JSON' })
      .example(
        '$0 emit examples/scenarios/mig.yaml --out deploy',
        'repositories, manifests, placement.csv, scenario.yaml',
      )
      .example('$0 emit fleet.yaml --out deploy --models models --copy', 'with the model files'),
  handler: async (args) => {
    const { loadScenario } = await import('../../node/scenario/scenario-files.js');
    const { writePlacement } = await import('../../node/emit/emit-files.js');
    const { emittedText } = await import('../../node/emit/emit-text.js');
    const { requireResultFolder } = await import('../../node/output/result-folder.js');
    const { foldersIn } = await import('../../node/scenario/model-repository.js');
    const { out, models, copy } = args;
    const [overrides] = await gatherBeside(
      () => loadScenario(args.scenario),
      () => overridesOf(args),
      () => requireResultFolder('--out', out, 'emit'),
      () => models !== undefined && foldersIn(models),
      () =>
        models === undefined &&
        refuseUnused({ copy }, 'without --models', 'add --models REPOSITORY, or leave it out'),
    );
    const loaded = await loadScenario(args.scenario, overrides);
    const written = await writePlacement(loaded, { out, scenarioFile: args.scenario, models, copy });
    if (args.json) await printJson({ format: 'perseus-emit/1', out, files: written });
    else await printResult(emittedText(out, written, { isCopied: copy }));
  },
});
