import { OPTIONAL_COLUMN_SPECS } from './columns.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from './trace.js';

/**
 * The trace as bytes of which there is only one form, for hashing: two traces have the same bytes
 * exactly when they hold the same requests of the same tenants over the same time. Where the trace
 * comes from does not count, nor whether a column of defaults is written or left out.
 *
 * A header of JSON in UTF-16, its length before it, then the columns one after the other. Numbers
 * are little-endian, as on every machine that JavaScript engines run on today.
 */
export function canonicalBytes(trace: Trace): Uint8Array {
  const optional = OPTIONAL_COLUMNS.filter((key) => !isAllDefault(trace, key));
  const { tenants, durationUs } = trace;
  const header = utf16(JSON.stringify({ format: 1, tenants, durationUs, columns: optional }));
  const parts = [
    Uint32Array.of(header.length, trace.arrivalUs.length),
    header,
    trace.arrivalUs,
    trace.tenant,
    ...optional.map((key) => trace[key] as Uint16Array | Uint32Array | Float64Array),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

function isAllDefault(trace: Trace, key: OptionalColumn): boolean {
  const values = trace[key];
  const defaultValue = OPTIONAL_COLUMN_SPECS[key].default;
  return values === undefined || values.every((value) => value === defaultValue);
}

function utf16(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}
