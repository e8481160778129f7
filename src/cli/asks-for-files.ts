import { optionWords } from './words.js';

/** Commands, and commands of `trace` and `profile`, that print, and write files only where an option names them. */
const PRINTING = [
  'simulate',
  'explain',
  'compare',
  'diff',
  'check',
  'plan',
  'tune',
  'describe',
  'show',
  'drift',
];

const FILE_OPTION = /^--(?:out|html|log|junit|emit)(?:=|$)/;

/** Whether a command line would have written files: only then it is worth saying that it did not. */
export function asksForFiles(words: readonly string[]): boolean {
  const options = optionWords(words);
  return (
    !options.slice(0, 2).some((word) => PRINTING.includes(word)) ||
    options.some((word) => FILE_OPTION.test(word))
  );
}
