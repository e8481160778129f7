import { InputError } from '../../../base/problem.js';
import { command } from '../../command.js';
import { fileArgument, readSource, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

export const renameCommand = command({
  command: 'rename <file> <names..>',
  describe: 'Give tenants other names; two that get the same one become one tenant',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .positional('names', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'OLD=NEW, for each tenant',
      })
      .options(writeOptions)
      .example(
        '$0 trace rename traces/azure-llm-2023.csv.gz code=resnet conv=bert --out named.csv',
        'the names of a scenario',
      ),
  handler: async (args) => {
    const { renameTenants } = await import('../../../trace/transform.js');
    const trace = await readSource(args, [() => newNames(args.names)]);
    const renamed = renameTenants(trace, newNames(args.names));
    await writeAndTell(args, changed(renamed, args.file, `renamed ${args.names.join(', ')}`));
  },
});

function newNames(pairs: readonly string[]): Readonly<Record<string, string>> {
  const names = new Map<string, string>();
  const problems = pairs.flatMap((pair) => {
    const [, before, after] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (before === undefined || after === undefined) {
      return [{ what: `"${pair}" is no change of a name`, remedy: 'write OLD=NEW' }];
    }
    if (names.has(before)) return [{ what: `"${before}" is given two names`, remedy: 'write it once' }];
    names.set(before, after);
    return [];
  });
  if (problems.length > 0) throw new InputError(problems);
  return Object.fromEntries(names);
}
