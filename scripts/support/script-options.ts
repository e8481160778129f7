import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of a script that runs from its first line to its last. `--help` prints `usage` and ends the process with 0; an option that
 * is not known, or lacks its value, is named and ends it with 2.
 */
export function scriptOptions<const T extends Options>(usage: string, options: T) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } as T });
    if ('help' in values) return end(0, usage);
    return values;
  } catch (error) {
    return end(2, `${(error as Error).message}; --help lists what there is\n`);
  }
}

/** A whole number from 1 on that an option must hold; anything else is named and ends the process with 2. */
export function countOf(option: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  return end(2, `${option}: "${text}" is no count; write a whole number from 1 on\n`);
}

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
