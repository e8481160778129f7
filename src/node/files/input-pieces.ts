import { constants } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../base/problem.js';
import { STANDARD_INPUT } from '../../base/standard-input.js';
import { maxUnpackedBytes, sizeInWords } from './input-limit.js';

/** Long enough that a file of gigabytes takes few steps, short enough to hold a few of them. */
const PIECE_BYTES = 2 ** 20;

export interface InputOptions {
  /** Unpack what is gzip, whatever its name says. */
  readonly unpack?: boolean;
  /** Most bytes that are of use to the reader: more are refused. Default: as many as a buffer holds. */
  readonly atMost?: number;
}

/**
 * The bytes of a file or of standard input, piece by piece. What a gzip file unpacks to, and what a device or a pipe gives, is limited by
 * {@link maxUnpackedBytes}.
 * @throws InputError where it is too long, or its gzip is broken or cut; the system's error where it cannot be read
 */
export async function* inputPieces(
  file: string,
  { unpack = false }: InputOptions = {},
): AsyncGenerator<Uint8Array> {
  // What is no file has no length, and may have no end.
  const isPiped = file === STANDARD_INPUT;
  const isEndless = isPiped || !(await stat(file)).isFile();
  const stream = isPiped ? process.stdin : createReadStream(file, { highWaterMark: PIECE_BYTES });
  const raw = withWholeHead(stream);
  const head = await raw.next();
  if (head.done === true) return;
  const pieces = chained(head.value, raw);
  const isGzip = unpack && head.value[0] === 0x1f && head.value[1] === 0x8b;
  if (isGzip) yield* limited(unpacked(pieces, file), file, 'unpacks to');
  else if (isEndless) yield* limited(pieces, file, 'gives');
  else yield* pieces;
}

/**
 * All bytes of a file.
 * @throws as {@link inputPieces}, and InputError where there are more than `atMost`
 */
export async function readInput(file: string, options: InputOptions = {}): Promise<Uint8Array> {
  const atMost = Math.min(options.atMost ?? Number.POSITIVE_INFINITY, constants.MAX_LENGTH);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of inputPieces(file, options)) {
    length += piece.length;
    if (length > atMost) {
      const what = `is longer than the ${sizeInWords(atMost)} that are read of such a file`;
      throw InputError.of(what, 'check that it is the file that you mean, or split it', { file });
    }
    pieces.push(piece);
  }
  return joined(pieces, length);
}

/** In a buffer of its own: columns are views of it, and must lie at whole multiples of their width. */
function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A gzip file shows by its first two bytes (RFC 1952), which a pipe may give one by one. */
async function* withWholeHead(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of stream) {
    if (head === undefined) yield piece;
    else if (head.length + piece.length < 2) head = Buffer.concat([head, piece]);
    else {
      yield head.length === 0 ? piece : Buffer.concat([head, piece]);
      head = undefined;
    }
  }
  if (head !== undefined && head.length > 0) yield head;
}

async function* chained(first: Uint8Array, others: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* others;
}

async function* unpacked(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // Whatever goes wrong shows where the pieces are taken.
  pipeline(Readable.from(pieces), gunzip, () => undefined);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) throw error;
    throw InputError.of(
      code === 'Z_BUF_ERROR' ? 'the gzip file ends early' : `the gzip file is broken (${message})`,
      'copy or download it again',
      { file },
    );
  }
}

async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
  verb: string,
): AsyncGenerator<Uint8Array> {
  const most = maxUnpackedBytes();
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > most) {
      const remedy = 'check that it is the file that you mean, or allow more with --max-unpacked';
      throw InputError.of(`${verb} more than ${sizeInWords(most)}`, remedy, { file });
    }
    yield piece;
  }
}
