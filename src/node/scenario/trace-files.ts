import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { InputError } from '../../base/problem.js';
import { requireTenantNames } from '../../trace/build.js';
import type { ReadOptions } from '../../trace/collect.js';
import { traceCsvChunks, traceCsvReader } from '../../trace/csv.js';
import type { ImportedTrace, ImportOptions } from '../../trace/importers.js';
import { traceJsonlChunks, traceJsonlReader } from '../../trace/jsonl.js';
import type { Trace } from '../../trace/trace.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { decodePieces } from '../files/decode-text.js';
import { inputPieces, readInput } from '../files/input-pieces.js';
import { asRead, readPackedText } from '../files/read-text.js';
import type { Content } from '../output/create-file.js';

/**
 * Reads a trace file: `.arrow`, `.parquet`, `.csv` or `.jsonl`, each also compressed with gzip
 * (`.csv.gz`).
 *
 * @throws InputError when there is no such file, or it holds no trace
 */
export async function readTrace(path: string, options: Omit<ReadOptions, 'file'> = {}): Promise<Trace> {
  const { format } = formatOf(path);
  return asRead(path, () => format.read(path, { ...options, file: path }));
}

/**
 * Writes a trace file in the format of its extension: `.arrow`, `.parquet`, `.csv`, `.jsonl`, the
 * last two also with `.gz`, and makes its folder where there is none. The file appears whole or not at all: it is
 * written under another name, then renamed.
 *
 * @throws InputError when the extension is none of these, a tenant has a name that cannot be read again, or the folder
 *   cannot be written to
 */
export async function writeTrace(path: string, trace: Trace): Promise<void> {
  const { format, isGzip } = writtenFormatOf(path);
  requireTenantNames(trace.tenants);
  try {
    await writeFileAtomically(path, await format.contentOf(trace, isGzip));
  } catch (error) {
    throw asUnwritable(error, path);
  }
}

/** @throws InputError when the name does not tell in which format a trace is to be written */
export function requireTraceName(path: string): void {
  writtenFormatOf(path);
}

/**
 * Reads what another system wrote, with the importer of that name; `.gz` files are unpacked.
 *
 * @throws InputError when there is no such file or importer, or with every problem of the file
 */
export async function importTraceFile(
  from: string,
  path: string,
  options: Omit<ImportOptions, 'file'> = {},
): Promise<Trace> {
  return (await importTraceFiles(from, [path], options)).trace;
}

/**
 * As {@link importTraceFile}; also says what the file does not tell.
 *
 * @throws InputError as that does, and where there are several files
 */
export async function importTraceFiles(
  from: string,
  paths: readonly string[],
  options: Omit<ImportOptions, 'file'> = {},
): Promise<ImportedTrace> {
  const { beginImport, importSource } = await import('../../trace/importers.js');
  const [path, ...others] = paths;
  if (path !== undefined && others.length === 0) {
    const reader = beginImport(from, { ...options, file: path });
    if (reader !== undefined) return asRead(path, () => readPieces(path, reader));
  }
  const files = await Promise.all(paths.map(async (file) => ({ file, text: await readPackedText(file) })));
  return importSource(from, files, options);
}

interface TraceFormat {
  readonly isText?: boolean;
  readonly read: (path: string, options: ReadOptions) => Promise<Trace>;
  readonly contentOf: (trace: Trace, isGzip: boolean) => Content | Promise<Content>;
}

const UNPACK = { unpack: true } as const;

// Arrow and Parquet are loaded when they are needed: they cost more than a small simulation.
const formats: Readonly<Record<string, TraceFormat>> = {
  arrow: {
    read: async (path, options) =>
      (await import('../../trace/arrow/read-trace.js')).traceFromArrow(
        await readInput(path, UNPACK),
        options,
      ),
    contentOf: async (trace) => (await import('../../trace/arrow/write-trace.js')).traceToArrow(trace),
  },
  parquet: {
    read: async (path, options) =>
      (await import('../files/parquet.js')).traceFromParquet(await readInput(path, UNPACK), options),
    contentOf: async (trace) => (await import('../files/parquet.js')).traceToParquet(trace),
  },
  csv: {
    isText: true,
    read: (path, options) => readPieces(path, traceCsvReader(options)),
    contentOf: (trace, isGzip) => textContent(traceCsvChunks(trace), isGzip),
  },
  jsonl: {
    isText: true,
    read: (path, options) => readPieces(path, traceJsonlReader(options)),
    contentOf: (trace, isGzip) => textContent(traceJsonlChunks(trace), isGzip),
  },
};

function formatOf(path: string): { format: TraceFormat; isGzip: boolean } {
  const [, extension = '', gz] = /\.([a-z]+)(\.gz)?$/i.exec(basename(path)) ?? [];
  const name = extension.toLowerCase();
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format !== undefined) return { format, isGzip: gz !== undefined };
  const known = Object.keys(formats).map((known) => `.${known}`);
  throw InputError.of(
    'the name does not tell the format of the trace',
    `end it in ${known.join(', ')} (or with .gz after it); for the data of others use perseus trace import`,
    { file: path },
  );
}

function writtenFormatOf(path: string): ReturnType<typeof formatOf> {
  const found = formatOf(path);
  if (!found.isGzip || found.format.isText === true) return found;
  throw InputError.of('this format is not written as gzip', 'leave out .gz', { file: path });
}

/** A text of any length, unpacked where it is gzip, whatever the name says: only what the reader keeps takes memory. */
async function readPieces<T>(path: string, reader: { push(text: string): void; finish(): T }): Promise<T> {
  for await (const text of decodePieces(inputPieces(path, UNPACK), path)) reader.push(text);
  return reader.finish();
}

function textContent(chunks: Iterable<string>, isGzip: boolean): Content {
  // What goes wrong on the way is thrown where the packed bytes are taken.
  return isGzip ? pipeline(Readable.from(chunks), createGzip(), () => {}) : chunks;
}

/** System errors are the user's to mend; others are ours. */
function asUnwritable(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof InputError || code === undefined) return error;
  const [what, remedy] = REFUSALS[code] ?? [`it cannot be written (${code})`];
  return InputError.of(what, remedy, { file });
}

const NO_FOLDER = ['a part of the path is not a folder'] as const;
const NO_RIGHT = ['it may not be written', 'change its permissions'] as const;

const REFUSALS: Readonly<Record<string, readonly [what: string, remedy?: string]>> = {
  ENOENT: ['there is no such folder', 'check the path'],
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
  EISDIR: ['this is a folder', 'name a file in it'],
  EACCES: NO_RIGHT,
  EPERM: NO_RIGHT,
  ENOSPC: ['it cannot be written (ENOSPC)', 'free some disk space'],
};
