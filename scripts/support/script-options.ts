import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * What the command line of a script says; `--help` prints `usage` and ends the process. What is wrong with it is thrown, for `runScript`
 * to tell.
 */
export function scriptOptions<const T extends Options>(usage: string, options: T) {
  const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } as T });
  if ('help' in values) {
    process.stdout.write(usage);
    process.exit(0);
  }
  return values;
}
