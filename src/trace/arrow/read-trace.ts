import type { Batch, Column, Table } from '@uwdata/flechette';
import { Precision, Type } from '@uwdata/flechette/src/constants.js';
import { decodeIPC } from '@uwdata/flechette/src/decode/decode-ipc.js';
import { createTable } from '@uwdata/flechette/src/decode/table-from-ipc.js';
import { InputError, type Place } from '../../base/problem.js';
import { placeOf, type ReadOptions } from '../collect.js';
import {
  checkColumnNames,
  indexTenants,
  META_KEY,
  toNumbers,
  traceOfColumns,
  unreadable,
} from '../columnar.js';
import { type ColumnSpec, TENANT_COLUMN } from '../columns.js';
import type { Trace } from '../trace.js';
import { checkArrowBounds, isArrowFile } from './arrow-check.js';

/**
 * Reads a trace from an Arrow IPC file or stream. Columns of the types that `traceToArrow`
 * writes are used where they lie in `bytes`; other numeric types are converted. The tenant is a
 * dictionary or plain text.
 *
 * @throws InputError when the bytes are not Arrow, or the table is not a trace
 */
export function traceFromArrow(bytes: Uint8Array, options: ReadOptions = {}): Trace {
  const place = placeOf(options);
  try {
    checkArrowBounds(bytes);
    return readTable(tableOf(aligned(bytes)), options);
  } catch (error) {
    // The package throws whatever broken bytes make it trip over, so every error is the input's.
    throw unreadable('Arrow IPC', error, place);
  }
}

/** Columns can be used where they lie only if their numbers do not begin in the midst of a word. */
function aligned(bytes: Uint8Array): Uint8Array {
  // Not bytes.slice(): that of a Node Buffer copies nothing.
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

function tableOf(bytes: Uint8Array): Table {
  const read = decodeIPC(bytes);
  const { dictionaries, dictsBeforeRecord } = read;
  const batches = [...(read.records ?? [])]
    .map((record, index) => ({
      record,
      // In a file dictionaries may lie behind what uses them: polars writes them so.
      known: isArrowFile(bytes) ? dictionaries!.length : dictsBeforeRecord![index]!,
    }))
    // Batches without rows may lack their dictionaries.
    .filter(({ record }) => record.length !== 0);
  const records = batches.map(({ record }) => record);
  const parts = { ...read, records, dictsBeforeRecord: batches.map(({ known }) => known) };
  return createTable(parts, { useBigInt: true });
}

function readTable(table: Table, options: ReadOptions): Trace {
  const place = placeOf(options);
  checkColumnNames(
    table.schema.fields.map((field) => field.name),
    place,
  );
  const column = (name: string): Column<unknown> | undefined => table.getChild(name);
  return traceOfColumns(
    {
      meta: table.schema.metadata?.get(META_KEY),
      numbersOf: (spec) => {
        const numbers = column(spec.name);
        return numbers && readNumbers(numbers, spec, place);
      },
      tenantsOf: (known) => {
        const tenants = column(TENANT_COLUMN);
        return tenants && readTenants(tenants, known, place);
      },
    },
    options,
  );
}

function readNumbers(column: Column<unknown>, spec: ColumnSpec, place: Place): ArrayLike<number> {
  checkLength(column);
  if (!isNumeric(column.type)) {
    throw InputError.of(`is of the type ${nameOf(column.type)}, not a number`, `write ${spec.meaning}`, {
      ...place,
      path: spec.name,
    });
  }
  const values = column.toArray();
  const areNumbers = ArrayBuffer.isView(values) && !/^Big/.test(values.constructor.name);
  return areNumbers ? (values as unknown as ArrayLike<number>) : toNumbers(values, spec, place);
}

/** Half precision is left out: no number of microseconds worth writing fits it. */
function isNumeric(type: Column<unknown>['type']): boolean {
  return (
    type.typeId === Type.Int ||
    (type.typeId === Type.Float && 'precision' in type && type.precision !== Precision.HALF)
  );
}

function nameOf({ typeId }: Column<unknown>['type']): string {
  return Object.entries(Type).find(([, id]) => id === typeId)?.[0] ?? 'unknown';
}

function readTenants(column: Column<unknown>, known: readonly string[], place: Place) {
  checkLength(column);
  return shared(column) ?? indexTenants([...column], known, place);
}

/** Of some rows, one dictionary with 16-bit indices and no missing values: the column as a trace has it. */
function shared({ data: [batch, ...others], nullCount }: Column<unknown>) {
  const { values, dictionary } = (batch ?? {}) as Partial<DictionaryBatch>;
  if (others.length > 0 || nullCount > 0 || !(values instanceof Uint16Array)) return undefined;
  if (dictionary === undefined || batch!.length === 0) return undefined;
  const tenants = [...dictionary];
  const areNames =
    tenants.every((name) => typeof name === 'string') && new Set(tenants).size === tenants.length;
  return areNames ? { tenants, tenant: values.subarray(0, batch!.length) } : undefined;
}

type DictionaryBatch = Batch<unknown> & { readonly dictionary: Column<unknown> };

/**
 * A broken file can claim any number of rows; it must not make us walk through more than its
 * buffers hold.
 */
function checkLength(column: Column<unknown>): void {
  for (const batch of column.data) {
    const { length, offsets, values, dictionary } = batch as DictionaryBatch;
    const held = offsets === undefined ? (values?.length ?? 0) : offsets.length - 1;
    if (length > Math.max(0, held)) throw new Error('a column ends early');
    if (dictionary !== undefined) checkLength(dictionary);
  }
}
