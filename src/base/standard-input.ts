/** Stands for standard input, which a command line calls `-`, wherever a file is named. */
export const STANDARD_INPUT = '(stdin)';
