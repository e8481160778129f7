import type { Argv } from 'yargs';

/** What every command knows. */
export interface SharedOptions {
  readonly dir: string | undefined;
}

export function sharedOptions<T>(yargs: Argv<T>): Argv<T & SharedOptions> {
  return yargs.option('dir', {
    type: 'string',
    describe: 'Where Triton is put: .triton/ of this checkout, or $PERSEUS_TRITON_DIR',
  });
}

/** A result: goes to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
