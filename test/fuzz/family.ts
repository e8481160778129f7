import type { Random } from './choose.js';

/** One kind of input: how to make one, and how perseus reads it. */
export interface Family {
  readonly name: string;
  readonly isText?: boolean;
  /**
   * Every problem of this text has a line of the text, unless it is about the text as a whole.
   * Default: a line where it is known.
   */
  readonly everyProblemHasLine?: boolean;
  /** Most milliseconds that an input may take. Default: 2000; those that search or simulate take more. */
  readonly mostMs?: number;
  /** An input, drawn from `random` alone. */
  readonly generate: (random: Random) => Uint8Array;
  /**
   * Reads the input under the file name {@link INPUT_FILE} and checks what comes out.
   * @throws InputError when the input is refused, and {@link Violation} when the value is wrong
   */
  readonly read: (input: Uint8Array) => unknown;
}

/** The name under which every input is read: problems must carry it. */
export const INPUT_FILE = 'input';

/** What was read is not what the types and laws of perseus promise. */
class Violation extends Error {
  override readonly name = 'Violation';
}

/** @throws Violation with `what` unless the condition holds */
export function demand(condition: boolean, what: string | (() => string)): asserts condition {
  if (!condition) throw new Violation(typeof what === 'string' ? what : what());
}

/** A family whose inputs are text. */
export interface TextFamily extends Omit<Family, 'isText' | 'generate' | 'read'> {
  readonly generate: (random: Random) => string;
  readonly read: (text: string) => unknown;
}

/** Inputs are bytes, as in files, so that a text can be written out and read again as it was. */
export function textFamily({ generate, read, ...rest }: TextFamily): Family {
  return {
    ...rest,
    isText: true,
    generate: (random) => new TextEncoder().encode(generate(random)),
    read: (input) => read(new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)),
  };
}
