import type { Argv, CommandModule } from 'yargs';
import yargs from 'yargs/yargs';
import { maxUnpackedBytes, setMaxUnpackedBytes, sizeInWords } from '../node/files/input-limit.js';
import { version } from '../node/runs/package-facts.js';
import { type ArgumentKinds, checkValues } from './check-values.js';
import { bytesOf } from './size.js';
import { UsageError, usageMistake } from './usage-mistake.js';

// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
export type Commands = readonly CommandModule<any, any>[];

/** The parser of command lines; mistakes in the words are thrown as `UsageError`, those in values as `InputError`. */
export function createParser(words: readonly string[], commands: Commands) {
  const parser = withoutSpareHelp(withWholeExamples(yargs(withShellNamed(words))));
  return (
    parser
      .scriptName('perseus')
      // What is ours is in English: half of it in the language of the machine helps nobody.
      .locale('en')
      .usage('$0 <command>\n\nPredicts throughput, latency, SLO attainment and cost of models on Triton.')
      .command([...commands])
      .completion('completion', COMPLETION, completeWords)
      .example('$0 init --repository models', 'a first scenario of a model repository')
      .example('$0 init --example two-tenants', 'or an example to try')
      .example('$0 completion >> ~/.bashrc', 'complete with the Tab key; in zsh >> ~/.zshrc')
      .demandCommand(1, 'Name a command; perseus --help lists them.')
      .option('max-unpacked', {
        type: 'string',
        default: sizeInWords(maxUnpackedBytes()),
        describe: 'Most that a packed file or a pipe may hold, such as 4GiB',
      })
      .middleware(setLimit)
      .strict()
      .parserConfiguration(AS_WRITTEN)
      .check((args, options) => checkValues(args, options as unknown as ArgumentKinds, words), true)
      .version(version())
      .help()
      .alias('help', 'h')
      .group('help', 'Options:')
      .group(['version', 'max-unpacked'], 'Everywhere:')
      .exitProcess(false)
      .fail((message: string, error: Error | undefined) => {
        // yargs raises some mistakes in the words itself, as errors of its own kind.
        if (error !== undefined && error !== null && error.name !== 'YError') throw error;
        throw usageMistake(message ?? error?.message, parser, words);
      })
  );
}

function setLimit(args: Readonly<Record<string, unknown>>): void {
  setMaxUnpackedBytes(bytesOf('--max-unpacked', String(args['max-unpacked'])));
}

/** `completion zsh` is for zsh, whichever shell asks: yargs knows no such word, and looks at the environment when it is made. */
function withShellNamed(words: readonly string[]): string[] {
  const [command, shell, ...more] = words;
  if (command !== 'completion' || shell === undefined || shell.startsWith('-')) return [...words];
  if (!SHELLS.has(shell))
    throw new UsageError(
      `completion is for ${[...SHELLS].join(' or ')}, not ${shell}`,
      'Without a name it is for the shell that asks.',
    );
  process.env.SHELL = shell;
  delete process.env.ZSH_NAME;
  return [command, ...more];
}

const SHELLS: ReadonlySet<string> = new Set(['bash', 'zsh']);

const COMPLETION = 'Print what makes bash or zsh complete words';

type Listener = (error: Error | null, words: string[] | undefined) => void;

/** As yargs does, but without the default command, which it offers as `$0` (to zsh with its description). */
function completeWords(
  _current: string,
  _args: unknown,
  complete: (listener: Listener) => void,
  done: (words: string[]) => void,
): void {
  complete((_, words = []) => done(words.filter((word) => !/^\$0(:|$)/.test(word))));
}

/** No option has fields or a second name: yargs would take --seed.a for one of --seed, and --maxBatch for --max-batch. */
const AS_WRITTEN = { 'dot-notation': false, 'camel-case-expansion': false };

/**
 * Examples as a shell takes them: what one is for as a comment above it. Yargs would put that beside it, and
 * break long commands in the middle of it.
 */
function withWholeExamples(parser: Argv): Argv {
  const add: (command: string, what: string) => Argv = parser.example.bind(parser);
  parser.example = (command: string | readonly unknown[], what = '') => add(`# ${what}\n${command}`, '');
  return parser;
}

/** While a command runs, yargs lays out the help that it would show if the command failed; {@link createParser} shows none then. */
function withoutSpareHelp(parser: Argv): Argv {
  const { getUsageInstance } = (parser as unknown as Internals).getInternalMethods();
  getUsageInstance().cacheHelpMessage = () => {};
  return parser;
}

interface Internals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}
