import { closest } from '../base/closest.js';
import { formatPath } from '../base/path.js';
import type { Problem } from '../base/problem.js';
import type { OptionalColumn } from './trace.js';

export type ColumnArray = Float64Array | Uint32Array | Uint16Array;

/** What files and checks know about one numeric column of a trace. */
export interface ColumnSpec {
  /** Name of the column in files. */
  readonly name: string;
  /** What a value is, in words that finish the sentence "… is not". */
  readonly meaning: string;
  readonly min: number;
  readonly max: number;
  /** The value of rows that say nothing. */
  readonly default: number;
  /** A column of that many zeros, or with these values. */
  readonly create: (source: number | ArrayLike<number>) => ColumnArray;
}

const UINT32_MAX = 0xffffffff;

/** A cache makes one number of a content and the model that was asked. */
const MOST_CONTENT_ID = 2 ** 40;

// The typed array constructors take a length and a list alike, but their types say so only apart.
const wholes = (source: number | ArrayLike<number>): ColumnArray => new Float64Array(source as number);
const uint32s = (source: number | ArrayLike<number>): ColumnArray => new Uint32Array(source as number);
const uint16s = (source: number | ArrayLike<number>): ColumnArray => new Uint16Array(source as number);

function tokens(name: string): ColumnSpec {
  const meaning = `a whole number of tokens from 0 (as the tenant says) to ${UINT32_MAX}`;
  return { name, meaning, min: 0, max: UINT32_MAX, default: 0, create: uint32s };
}

/** Planned arrival, the one column that every trace file has. */
export const ARRIVAL_COLUMN: ColumnSpec = {
  name: 'arrival_us',
  meaning: 'a whole number of microseconds since the start of the trace, 0 or more',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: Number.NaN,
  create: wholes,
};

/** Name of the tenant column in files: the tenant's name, not its index. */
export const TENANT_COLUMN = 'tenant';

/** The tenant of a file that has no tenant column, unless the caller names another. */
export const DEFAULT_TENANT = 'default';

/** Most tenants that the 16-bit tenant column can tell apart. */
export const MAX_TENANTS = 65_536;

/** Most inferences in one request: a trace has 16 bits for them. */
export const MOST_INFERENCES = 65_535;

/** Most inferences in one execution, those of NVIDIA's wide-and-deep: a run keeps a count for each size. */
export const MOST_EXECUTED = 2 ** 17;

/** The columns that a trace may leave out, by their name in memory. */
export const OPTIONAL_COLUMN_SPECS: Readonly<Record<OptionalColumn, ColumnSpec>> = {
  batchSize: {
    name: 'batch_size',
    meaning: `a whole number of inferences from 0 (as the tenant says) to ${MOST_INFERENCES}`,
    min: 0,
    max: MOST_INFERENCES,
    default: 0,
    create: uint16s,
  },
  payloadBytes: {
    name: 'payload_bytes',
    meaning: 'a whole number of bytes from 0 (as the tenant says) to 4294967295',
    min: 0,
    max: UINT32_MAX,
    default: 0,
    create: uint32s,
  },
  priority: {
    name: 'priority',
    meaning: 'a Triton priority level from 0 (the default level) to 4294967295',
    min: 0,
    max: UINT32_MAX,
    default: 0,
    create: uint32s,
  },
  timeoutUs: {
    name: 'timeout_us',
    meaning: 'a whole number of microseconds, 0 or more (0 = no timeout)',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    create: wholes,
  },
  sequenceId: {
    name: 'sequence_id',
    meaning: 'a whole number from 0 (no sequence) to 9007199254740991',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    create: wholes,
  },
  sequenceFlags: {
    name: 'sequence_flags',
    meaning: '0, 1 (starts its sequence), 2 (ends it) or 3 (both)',
    min: 0,
    max: 3,
    default: 0,
    create: uint16s,
  },
  contentId: {
    name: 'content_id',
    meaning: `a whole number from 0 (like no other) to ${MOST_CONTENT_ID}`,
    min: 0,
    max: MOST_CONTENT_ID,
    default: 0,
    create: wholes,
  },
  promptTokens: tokens('prompt_tokens'),
  outputTokens: tokens('output_tokens'),
};

export function isAllowed(spec: ColumnSpec, value: number): boolean {
  return Number.isInteger(value) && value >= spec.min && value <= spec.max;
}

/** All column names of a trace file, in the order in which files write them. */
export const FILE_COLUMNS: readonly string[] = [
  ARRIVAL_COLUMN.name,
  TENANT_COLUMN,
  ...Object.values(OPTIONAL_COLUMN_SPECS).map((spec) => spec.name),
];

/** Whether the name may be meant for a column of a trace. */
export function isLikeColumn(name: string): boolean {
  return FILE_COLUMNS.some((known) => name.includes(known)) || closest(name, FILE_COLUMNS) !== undefined;
}

export function unknownColumn(name: string): Problem {
  return { path: formatPath([name]), what: 'is not a column of a trace', remedy: remedyFor(name) };
}

function remedyFor(name: string): string {
  if (/[;\t]/.test(name)) return 'put commas between the columns';
  const meant = closest(name, FILE_COLUMNS);
  return meant === undefined
    ? `the columns of a trace are ${FILE_COLUMNS.join(', ')}`
    : `did you mean ${meant}?`;
}
