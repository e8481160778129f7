import type { Argv } from 'yargs';
import { say } from '../../support/run-script.js';
import { tritonFolder } from '../folders.js';
import type { Installation } from '../installation.js';
import { setUp } from '../set-up.js';

/** Adds a command to the parser: with its arguments as its own options make them. */
export type AddCommand = (yargs: Argv) => Argv;

/** What every command knows. */
export function sharedOptions(yargs: Argv) {
  return yargs.option('dir', {
    type: 'string',
    describe: 'Where Triton is put: .triton/ of this checkout, or $PERSEUS_TRITON_DIR',
  });
}

/** The installation in a folder, made where there is none; what is done is told. */
export function installedIn(dir: string | undefined, python?: string): Promise<Installation> {
  return setUp({ folder: tritonFolder(dir), python, onStep: (step) => say(`setup: ${step}`) });
}

/** A result: goes to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
