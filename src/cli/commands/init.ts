import type { CommandModule } from 'yargs';
import { plural } from '../../base/plural.js';
import { printResult, say } from '../output.js';
import { refuseUnused } from '../unused-options.js';
import { UsageError } from '../usage-mistake.js';

interface InitArguments {
  readonly repository: string | undefined;
  /** Empty where all are to be listed. */
  readonly example: string | undefined;
  readonly out: string | undefined;
  readonly gpu: string | undefined;
}

export const initCommand: CommandModule<object, InitArguments> = {
  command: 'init',
  describe: 'Write a first scenario: for the models of a Triton model repository, or a shipped example',
  builder: (yargs) =>
    yargs
      .option('repository', { type: 'string', describe: 'Model repository: a folder per model' })
      .option('example', {
        type: 'string',
        describe: 'Shipped example to write, with all files that it names; without a name: list them',
      })
      .option('out', {
        type: 'string',
        describe: 'File to write, default scenario.yaml; of an example the folder, default this one',
      })
      .option('gpu', {
        type: 'string',
        describe:
          'Kind of GPU as profiles name it; default: that of the profiles beside the scenario, else Tesla T4',
      })
      .example('$0 init --repository models --gpu "Tesla T4"', 'models/*/config.pbtxt become scenario.yaml')
      .example('$0 init --example', 'the shipped examples')
      .example(
        '$0 init --example two-tenants',
        'examples/scenarios/two-tenants.yaml, its profiles and its trace',
      ),
  handler: async ({ repository, example, out, gpu }) => {
    if (example !== undefined) {
      refuseUnused({ repository, gpu }, 'where --example is given');
      await (example === '' ? printExamples(out) : writeExample(example, out ?? '.'));
    } else if (repository !== undefined) await writeScenario(repository, out ?? 'scenario.yaml', gpu);
    else {
      const remedy = 'perseus init --help lists what it takes.';
      throw new UsageError('perseus init needs --repository or --example', remedy);
    }
  },
};

async function printExamples(out: string | undefined): Promise<void> {
  refuseUnused({ out }, 'where --example names none');
  const { listExamples } = await import('../../node/scenario/shipped-examples.js');
  await printResult((await listExamples()).map(({ name, about }) => `${name}: ${about}\n`).join(''));
}

async function writeExample(name: string, folder: string): Promise<void> {
  const examples = await import('../../node/scenario/shipped-examples.js');
  const { shellWord } = await import('../../base/shell-word.js');
  const { file, command, written, kept } = await examples.writeExample(name, folder);
  const present = kept === 0 ? '' : `; ${kept} ${plural(kept, 'was', 'were')} there already`;
  if (written === 0) say(`${file}: it is there already, and so is what it names`);
  else say(`${file}: wrote ${written} ${plural(written, 'file')}, with those that it names${present}`);
  say(`Next: perseus ${command} ${shellWord(file)}`);
}

async function writeScenario(repository: string, out: string, gpu: string | undefined): Promise<void> {
  const { initScenario } = await import('../../node/scenario/init.js');
  const { HOW_TO_GET_PROFILES } = await import('../../scenario/starter.js');
  const { shellWord } = await import('../../base/shell-word.js');
  const result = await initScenario({ repository, out, ...(gpu === undefined ? {} : { gpu }) });
  say(
    `${result.file}: ${result.models.length} ${plural(result.models.length, 'model')} (${result.models.join(', ')})`,
  );
  if (result.guessedGpu !== undefined)
    say(`GPU: ${result.guessedGpu} is a guess; name yours with --gpu, or correct kind in the file`);
  for (const { model, reason } of result.leftOut) say(`left out ${model}: ${reason}`);
  for (const { model, remark } of result.remarks) say(`${model}: ${remark}`);
  for (const file of result.missingProfiles) say(`missing profile: ${file}`);
  if (result.missingProfiles.length > 0) say(`profiles: ${HOW_TO_GET_PROFILES}`);
  say(`Next: edit the loads and SLOs in it, then perseus simulate ${shellWord(result.file)}`);
}
