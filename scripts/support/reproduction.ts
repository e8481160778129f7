import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../../src/base/problem.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { provenanceLine } from '../../src/node/runs/package-facts.js';
import { LeftOut } from './left-out-page.js';
import { runScript, say } from './run-script.js';
import { type OptionValues, type ScriptOptions, scriptOptions } from './script-options.js';

/** Where the measurements are that a reproduction starts from. */
export interface Source {
  /** Where nothing is said. */
  readonly from: string;
  /** FOLDER or FILE, and what it has to be. */
  readonly takes: 'FOLDER' | 'FILE';
  /** One that a reader may have; absent = one of the same name. */
  readonly example?: string;
  readonly help: string;
  /** Files of the folder without which nothing can be done. */
  readonly needs?: readonly string[];
  /** Whose they are, where they are no part of this repository. */
  readonly origin?: string;
  /** An option under which the script makes them. */
  readonly madeBy?: string;
}

/** What every reproduction is given besides its own options. */
export interface Given {
  /** Where its measurements are. */
  readonly data: string;
  readonly isOwnData: boolean;
  /** Where its results go; undefined = nowhere. */
  readonly out: string | undefined;
}

/** What is predicted beside what was measured, by one command: its options, its page and its figures. */
export interface ReproductionScript<T extends ScriptOptions, Result> {
  /** `npm run reproduce:NAME` */
  readonly name: string;
  readonly about: string;
  readonly data: Source;
  /** Folder of the results; written where --out says nothing and all of what is published was asked for. */
  readonly results: string;
  readonly options?: T;
  /** Why nothing is fitted to rows that are judged; absent = something is, and it has a --leave-out of its own. */
  readonly fitsNothing?: string;
  /** Options that leave something out or change it: with them nothing is written but to --out. */
  readonly partial?: readonly (keyof T)[];
  /** Of what is left out by itself it gives no result, but that. */
  readonly run: (
    given: OptionValues<T> & Given,
    onProgress: (what: string) => void,
  ) => Result | LeftOut | Promise<Result | LeftOut>;
  /** The page and what lies beside it, by name. */
  readonly files: (result: Result) => ReadonlyMap<string, string>;
  /** What goes elsewhere in the checkout when all of what is published is renewed, by path. */
  readonly published?: (result: Result) => ReadonlyMap<string, string>;
  /** What --json writes. */
  readonly json: (result: Result) => unknown;
  /** What its random numbers come from, where it draws any. */
  readonly seeds?: string;
  /** For the terminal; where the page is written, `page` is its path. */
  readonly report: (result: Result, page: string | undefined) => string;
}

/** Runs a reproduction to its end, with the exit code of the process. */
export function reproduction<const T extends ScriptOptions, Result>(
  script: ReproductionScript<T, Result>,
): Promise<void> {
  return runScript(() => reproduce(script));
}

async function reproduce<T extends ScriptOptions, Result>(
  script: ReproductionScript<T, Result>,
): Promise<void> {
  const { name, about, data, results, options, fitsNothing, partial = [] } = script;
  const asked: ScriptOptions = {
    data: { takes: data.takes, help: `${data.help}; ${data.from} by default` },
    json: { takes: 'FILE', help: 'also write the figures as JSON' },
    out: {
      takes: 'FOLDER',
      help: `where page, tables and charts go; ${results} by default,\nnowhere where only a part or something else is asked for`,
    },
    ...options,
    ...(fitsNothing !== undefined && {
      'leave-out': { takes: 'TEXT', isValueOptional: true, help: `changes nothing, for ${fitsNothing}` },
    }),
  };
  const example = `--data ${data.example ?? `my/${basename(data.from)}`} --json figures.json`;
  const given = scriptOptions(`npm run reproduce:${name}`, about, asked, example) as OptionValues<T> & {
    data?: string;
    json?: string;
    out?: string;
    'leave-out'?: string;
  };
  const isMoot = fitsNothing !== undefined && given['leave-out'] !== undefined;
  const from = given.data ?? data.from;
  const isMade = data.madeBy !== undefined && (given as Record<string, unknown>)[data.madeBy] === true;
  if (!isMade) requireFiles(from, data);
  const isUsual = (key: keyof T) =>
    (given[key] === false ? undefined : given[key]) === options?.[key]?.default;
  const isWhole = given.data === undefined && !isMoot && partial.every(isUsual);
  const out = given.out ?? (isWhole ? results : undefined);
  const isOwnData = given.data !== undefined;
  const result = await script.run({ ...given, data: from, isOwnData, out }, (what) => say(`${what} …`));
  const places = { out, isPublished: out === results, json: given.json };
  if (result instanceof LeftOut) await show(LEFT_OUT, result, places);
  else await show(script, result, places);
  if (isMoot) process.stdout.write(`--leave-out changes nothing, for ${fitsNothing}.\n`);
  process.stdout.write(
    `Made ${provenanceLine()}${script.seeds === undefined ? '' : `. Seeds: ${script.seeds}`}\n`,
  );
}

/** How a result is told. */
type Shown<Result> = Pick<
  ReproductionScript<ScriptOptions, Result>,
  'files' | 'published' | 'json' | 'report'
>;

const LEFT_OUT: Shown<LeftOut> = {
  files: (leftOut) => leftOut.files(),
  json: ({ points }) => ({ points }),
  report: (leftOut) => leftOut.report(),
};

interface Places {
  readonly out: string | undefined;
  readonly isPublished: boolean;
  readonly json: string | undefined;
}

async function show<Result>(
  { files, published, json, report }: Shown<Result>,
  result: Result,
  { out, isPublished, json: jsonFile }: Places,
): Promise<void> {
  if (out !== undefined)
    for (const [file, text] of files(result)) await writeFileAtomically(join(out, file), text);
  if (isPublished)
    for (const [file, text] of published?.(result) ?? []) await writeFileAtomically(file, text);
  if (jsonFile !== undefined) await writeFileAtomically(jsonFile, jsonText(json(result)));
  process.stdout.write(report(result, out && join(out, 'README.md')));
}

/** @throws InputError with each file that is not there */
function requireFiles(from: string, { takes, needs = [], origin }: Source): void {
  const whose = origin === undefined ? '' : `${origin} are no part of this repository: `;
  const remedy = `${whose}name ${takes === 'FILE' ? 'one of its form' : 'the folder that has it'} with --data ${takes}`;
  const needed = takes === 'FILE' ? [from] : needs.map((file) => join(from, file));
  const missing = needed.filter((file) => !existsSync(file));
  if (missing.length > 0)
    throw new InputError(missing.map((file) => ({ file, what: 'there is no such file', remedy })));
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
