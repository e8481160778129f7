import { InputError } from '../base/problem.js';

/** Writes a result to stdout and waits until it is on its way. */
export async function printResult(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A line for people on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Whether people look at stdout and like colours (https://no-color.org: an empty NO_COLOR says nothing). */
export function wantsColour(): boolean {
  return process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
}

/**
 * Makes sure that a result is asked for in one form: stdout takes only one.
 * @throws InputError where it is asked for in two
 */
export function requireOneForm({ json, csv }: { readonly json: boolean; readonly csv: boolean }): void {
  if (json && csv)
    throw InputError.of('cannot be printed beside --json', 'keep one of them', { path: '--csv' });
}
