import { InputError } from '../base/problem.js';
import { USUAL_WIDTH } from '../report/text/width.js';

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

/** How texts go to stdout: in colours where people look at it and like them, and as wide as their terminal at most. */
export function textOptions(): { readonly colour: boolean; readonly width: number } {
  const { isTTY = false, columns = USUAL_WIDTH } = process.stdout;
  // https://no-color.org: an empty NO_COLOR says nothing.
  const colour = isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return { colour, width: isTTY ? Math.min(Math.max(columns, LEAST_WIDTH), USUAL_WIDTH) : USUAL_WIDTH };
}

/** In less tables would cut SLOs and figures: better that a terminal breaks their lines. */
const LEAST_WIDTH = 80;

/**
 * Makes sure that a result is asked for in one form: stdout takes only one.
 * @throws InputError where it is asked for in two
 */
export function requireOneForm({ json, csv }: { readonly json: boolean; readonly csv: boolean }): void {
  if (json && csv)
    throw InputError.of('cannot be printed beside --json', 'keep one of them', { path: '--csv' });
}
