import type { InferredOptionTypes } from 'yargs';
import { plural } from '../../base/plural.js';
import { InputError } from '../../base/problem.js';
import { command } from '../command.js';
import { printResult, say } from '../output.js';
import { refuseUnused } from '../unused-options.js';
import { UsageError } from '../usage-mistake.js';

const initOptions = {
  repository: {
    type: 'string',
    array: true,
    describe: 'Model repository: a folder per model; may be given several times',
  },
  'model-repository': { type: 'string', array: true, describe: 'The same, as Triton spells it' },
  set: {
    type: 'string',
    array: true,
    describe:
      "Value of a template's placeholder NAME in config.pbtxt, as NAME=VALUE; may be given several times",
  },
  'set-file': {
    type: 'string',
    array: true,
    describe: 'File with a NAME=VALUE in each line',
  },
  example: {
    type: 'string',
    describe: 'Shipped example to write, with all files that it names; without a name: list them',
  },
  plan: {
    type: 'boolean',
    default: false,
    describe: 'Write a plan for the repository: which machines its models need, at what price',
  },
  out: {
    type: 'string',
    describe: 'File to write, default scenario.yaml (plan.yaml); of an example the folder, default this one',
  },
  gpu: {
    type: 'string',
    array: true,
    describe:
      'Kind of GPU as profiles name it, of a plan several; default: what profiles beside it are of, else Tesla T4',
  },
} as const;

type InitArguments = InferredOptionTypes<typeof initOptions>;

export const initCommand = command({
  command: 'init',
  describe: 'Write a first scenario, plan or example',
  builder: (yargs) =>
    yargs
      .options(initOptions)
      .example('$0 init --repository models --gpu "Tesla T4"', 'models/*/config.pbtxt become scenario.yaml')
      .example(
        '$0 init --repository all_models --set triton_max_batch_size=8 --set decoupled_mode=false',
        'a repository whose config.pbtxt are templates',
      )
      .example(
        '$0 init --repository models --plan --gpu T4 --gpu A10',
        'models/*/config.pbtxt become plan.yaml, with two kinds of machines',
      )
      .example('$0 init --example', 'the shipped examples')
      .example(
        '$0 init --example two-tenants',
        'examples/scenarios/two-tenants.yaml, its profiles and its trace',
      ),
  handler: async (args) => {
    const { example, out, gpu, set } = args;
    const repositories = [...(args.repository ?? []), ...(args['model-repository'] ?? [])];
    if (example !== undefined) {
      const [repository] = repositories;
      const plan = args.plan || undefined;
      refuseUnused({ repository, gpu, set, plan, 'set-file': args['set-file'] }, 'where --example is given');
      if (/\.(ya?ml|json)$/.test(out ?? ''))
        throw InputError.of('is a folder where --example is given', 'name one, such as mine', {
          path: '--out',
        });
      await (example === '' ? printExamples(out) : writeExample(example, out ?? '.'));
    } else if (repositories.length > 0) await writeScenario(repositories, args);
    else {
      const remedy = 'Such as: perseus init --repository models, or perseus init --example two-tenants';
      throw new UsageError('perseus init needs --repository or --example', remedy);
    }
  },
});

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

async function writeScenario(repositories: readonly string[], args: InitArguments): Promise<void> {
  const { initScenario } = await import('../../node/scenario/init/init.js');
  const { shellWord } = await import('../../base/shell-word.js');
  const { gpu = [], set = [], 'set-file': setFiles = [] } = args;
  const result = await initScenario({
    repositories,
    out: args.out ?? (args.plan ? 'plan.yaml' : 'scenario.yaml'),
    plan: args.plan,
    gpus: gpu,
    set,
    setFiles,
  });
  const { models, placeholders } = result;
  say(`${result.file}: ${models.length} ${plural(models.length, 'model')} (${models.join(', ')})`);
  if (placeholders.length > 0)
    say(`wrote ${placeholders.length} ${plural(placeholders.length, 'profile')} to fill in`);
  for (const { model, reason } of result.leftOut) say(`left out ${model}: ${reason}`);
  for (const { model, remark } of result.remarks) say(`${model}: ${remark}`);
  say(`To settle, ${result.openPoints.length} ${plural(result.openPoints.length, 'thing')}:`);
  for (const { what, supply } of result.openPoints) say(`- ${what}\n    ${supply}`);
  say(`Next: perseus ${args.plan ? 'plan' : 'simulate'} ${shellWord(result.file)}`);
}
