import { Int32, Table, tableFromIPC, tableToIPC, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestLog } from '../../src/trace/request-log.js';
import { requestLogFromArrow, requestLogToArrow } from '../../src/trace/request-log-table.js';
import { mutatedBytes, onlyInputErrors, problemsOf } from './arbitrary-trace.js';

/** Two requests of two tenants: one answered, one refused. */
const LOG: RequestLog = {
  tenants: ['a', 'b'],
  servers: ['s'],
  tenant: Uint16Array.of(0, 1),
  server: Uint16Array.of(0, 0),
  batchSize: Uint16Array.of(1, 4),
  plannedUs: Float64Array.of(0, 10),
  sentUs: Float64Array.of(0, 10),
  queuedUs: Float64Array.of(1, 11),
  startedUs: Float64Array.of(2, Number.NaN),
  endedUs: Float64Array.of(9, 12),
  inputUs: Float32Array.of(1, 0),
  inferUs: Float32Array.of(4, 0),
  outputUs: Float32Array.of(1, 0),
  responseUs: Float32Array.of(1, 0),
  frontEndUs: Float32Array.of(0.5, 0.5),
  networkUs: Float32Array.of(0.5, 0.5),
  execution: Int32Array.of(0, -1),
  executedBatch: Uint16Array.of(1, 0),
  outcome: Uint8Array.of(0, 1),
  endUs: 20,
};

describe('a request log as Arrow', () => {
  it('comes back as it was', () => {
    expect(requestLogFromArrow(requestLogToArrow(LOG))).toEqual(LOG);
    const columns = Object.entries(LOG).filter(([, value]) => ArrayBuffer.isView(value));
    const empty = Object.fromEntries(columns.map(([key, value]) => [key, value.slice(0, 0)]));
    const back = requestLogFromArrow(requestLogToArrow({ ...LOG, ...empty }));
    expect(back).toEqual({ ...LOG, ...empty, tenants: [], servers: [] });
  });

  it('is the same bytes each time it is written', () => {
    expect(requestLogToArrow(LOG)).toEqual(requestLogToArrow(LOG));
  });

  it('is refused with a column of another type, or with values missing in it', () => {
    const table = tableFromIPC(requestLogToArrow(LOG));
    const columns = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)!]));
    const wrong: Record<string, Vector> = {
      outcome: vectorFromArray(['completed', 'rejected'], new Utf8()),
      execution: vectorFromArray([0, null], new Int32()),
      tenant: vectorFromArray(['a', null], new Utf8()),
    };
    for (const [name, column] of Object.entries(wrong)) {
      const changed = new Table({ ...columns, [name]: column });
      changed.schema.metadata.set('end_us', '20');
      const [problem] = problemsOf(() => requestLogFromArrow(tableToIPC(changed), 'log.arrow'));
      expect(problem).toMatchObject({ file: 'log.arrow', what: expect.stringContaining(name) });
    }
  });

  it('is refused with an outcome that there is not', () => {
    const bytes = requestLogToArrow({ ...LOG, outcome: Uint8Array.of(0, 77) });
    expect(problemsOf(() => requestLogFromArrow(bytes))[0]?.what).toMatch(/no known outcome/);
  });

  it('gives nothing but input errors, and soon, on changed bytes', () => {
    fc.assert(
      fc.property(mutatedBytes(requestLogToArrow(LOG)), (bytes) => {
        const log = onlyInputErrors(() => requestLogFromArrow(bytes));
        if (log !== undefined) expect(log.outcome.length).toBe(log.tenant.length);
      }),
      { numRuns: 2000 },
    );
  });
});
