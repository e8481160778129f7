import { InputError } from '../base/problem.js';
import { USUAL_WIDTH } from '../report/text/width.js';

/** Writes a result to stdout and waits until it is on its way. */
export async function printResult(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Writes values to stdout as JSON, those named first before all others. */
export async function printJson(values: object, first: readonly string[] = ['format']): Promise<void> {
  const { canonicalJson } = await import('../base/canonical-json.js');
  await printResult(canonicalJson(values, first));
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** How texts go to stdout: in colours where people look at it and like them, and as wide as their terminal at most; or in Markdown. */
export function textOptions({ markdown, verbose }: TextForm = {}): TextForm & {
  readonly colour: boolean;
  readonly width: number;
} {
  const form = verbose === undefined ? {} : { verbose };
  if (markdown === true) return { ...form, colour: false, width: Number.POSITIVE_INFINITY, markdown };
  const { isTTY = false, columns = USUAL_WIDTH } = process.stdout;
  // https://no-color.org: an empty NO_COLOR says nothing.
  const colour = isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const width = isTTY ? Math.min(Math.max(columns, LEAST_WIDTH), USUAL_WIDTH) : USUAL_WIDTH;
  return { ...form, colour, width };
}

interface TextForm {
  readonly markdown?: boolean;
  readonly verbose?: boolean;
}

/** In less tables would cut SLOs and figures: better that a terminal breaks their lines. */
const LEAST_WIDTH = 80;

/** The option of commands that print an answer, one table and what to do next. */
export const VERBOSE = {
  type: 'boolean',
  alias: 'v',
  default: false,
  describe: 'Print all tables and warnings',
} as const;

/** The option of commands whose result may stand in a comment. */
export const MARKDOWN = {
  type: 'boolean',
  default: false,
  describe: 'Print as Markdown, e.g. for a comment on a pull request',
} as const;

/**
 * Makes sure that a result is asked for in one form: stdout takes only one.
 * @throws InputError where it is asked for in two
 */
export function requireOneForm(forms: {
  readonly json: boolean;
  readonly csv?: boolean;
  readonly markdown?: boolean;
}): void {
  const [first, second] = (['json', 'csv', 'markdown'] as const).filter((form) => forms[form] === true);
  if (second !== undefined)
    throw InputError.of(`cannot be printed beside --${first}`, 'keep one of them', { path: `--${second}` });
}
