import type { CommandModule } from 'yargs';
import { plural } from '../../base/plural.js';
import { HOW_TO_GET_PROFILES } from '../../scenario/starter.js';
import { say } from '../output.js';

interface InitArguments {
  readonly repository: string;
  readonly out: string;
  readonly gpu: string | undefined;
}

export const initCommand: CommandModule<object, InitArguments> = {
  command: 'init',
  describe: 'Write a first scenario for the models of a Triton model repository',
  builder: (yargs) =>
    yargs
      .option('repository', {
        type: 'string',
        demandOption: true,
        describe: 'Model repository: a folder per model',
      })
      .option('out', { type: 'string', default: 'scenario.yaml', describe: 'File to write' })
      .option('gpu', {
        type: 'string',
        describe:
          'Kind of GPU as profiles name it; default: that of the profiles beside the scenario, else Tesla T4',
      })
      .example('$0 init --repository models --gpu "Tesla T4"', 'models/*/config.pbtxt become scenario.yaml'),
  handler: async ({ repository, out, gpu }) => {
    const { initScenario } = await import('../../node/init.js');
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
  },
};
