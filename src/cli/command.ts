import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';

/** A command; its handler gets what `builder` says that its options take. */
export function command<Options>(
  module: Pick<CommandModule<object, Options>, 'command' | 'describe'> & {
    readonly builder:
      | ((yargs: Argv<object>) => Argv<Options>)
      | ((yargs: Argv<object>) => PromiseLike<Argv<Options>>);
    readonly handler: (args: ArgumentsCamelCase<Options>) => void | Promise<void>;
  },
): CommandModule<object, Options> {
  return module;
}
