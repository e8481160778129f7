import { Int32, Table, tableFromIPC, tableToIPC, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { requestLogFromArrow } from '../../src/trace/log-table/request-log-arrow.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { requestLogToArrow } from '../support/log-files.js';
import { SHAPE_NAMES, SHAPES } from '../support/request-shapes.js';
import { problemsOf } from './arbitrary-trace.js';

/** Two plain requests of two tenants: one answered, one refused. */
const LOG: RequestLog = {
  tenants: ['a', 'b'],
  servers: ['s'],
  tenant: Uint16Array.of(0, 1),
  server: Uint16Array.of(0, 0),
  batchSize: Uint16Array.of(1, 4),
  plannedUs: Float64Array.of(0, 10),
  sentUs: Float64Array.of(0, 10),
  endedUs: Float64Array.of(9, 12),
  frontEndUs: Float32Array.of(0.5, 0.5),
  networkUs: Float32Array.of(0.5, 0.5),
  outcome: Uint8Array.of(0, 1),
  calls: {
    models: [{ name: 'm', version: '3' }, { name: 'n' }],
    model: Uint16Array.of(0, 1),
    server: Uint16Array.of(0, 0),
    instance: Int16Array.of(1, -1),
    queuedUs: Float64Array.of(1, 11),
    startedUs: Float64Array.of(2, Number.NaN),
    inputUs: Float32Array.of(1, 0),
    inferUs: Float32Array.of(4, 0),
    outputUs: Float32Array.of(1, 0),
    responseUs: Float32Array.of(1, 0),
    execution: Int32Array.of(0, -1),
    executedBatch: Uint16Array.of(1, 0),
    outcome: Uint8Array.of(0, 1),
  },
  endUs: 20,
};

const read = ({ requests, calls }: ReturnType<typeof requestLogToArrow>) =>
  requestLogFromArrow({ bytes: requests, file: 'log.arrow' }, { bytes: calls, file: 'log.calls.arrow' });
const written = requestLogToArrow(LOG);
const sliced = <T extends object>(table: T) =>
  Object.fromEntries(
    Object.entries(table).map(([key, value]) => [
      key,
      ArrayBuffer.isView(value) ? (value as Int8Array).slice(0, 0) : value,
    ]),
  ) as T;

/** The bytes of a table with some columns replaced. */
function changed(bytes: Uint8Array, columns: Readonly<Record<string, Vector>>): Uint8Array {
  const table = tableFromIPC(bytes);
  const before = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)!]));
  const after = new Table({ ...before, ...columns });
  for (const [key, value] of table.schema.metadata) after.schema.metadata.set(key, value);
  return tableToIPC(after);
}

describe('a request log as Arrow', () => {
  it('comes back as it was', () => {
    expect(read(written)).toEqual(LOG);
    const empty = { ...sliced(LOG), calls: { ...sliced(LOG.calls), models: [] } };
    expect(read(requestLogToArrow(empty))).toEqual({ ...empty, tenants: [], servers: [] });
  });

  it.each(SHAPE_NAMES)('comes back as it was, with requests of %s', (shape) => {
    const log = SHAPES[shape](20);
    expect(read(requestLogToArrow(log))).toEqual(log);
  });

  it('is the same bytes each time it is written', () => {
    expect(requestLogToArrow(LOG)).toEqual(written);
  });

  it('says in words how requests and calls ended, and null where a time never came', () => {
    const [requests, calls] = [tableFromIPC(written.requests), tableFromIPC(written.calls)];
    for (const table of [requests, calls])
      expect([...table.getChild('outcome')!]).toEqual(['completed', 'rejected']);
    expect([...calls.getChild('started_us')!]).toEqual([2, null]);
    expect([...calls.getChild('version')!]).toEqual(['3', null]);
    expect([...calls.getChild('parent')!]).toEqual([-1, -1]);
    expect([...requests.getChild('responses')!]).toEqual([1, 0]);
  });

  it('is read without its calls, of which nothing is known then', () => {
    const log = requestLogFromArrow({ bytes: written.requests });
    expect(log.plannedUs).toEqual(LOG.plannedUs);
    expect([...log.calls.tree!.first]).toEqual([0, 0, 0]);
  });

  it('is refused with a column of another type, or with values missing in it', () => {
    const wrong = {
      outcome: vectorFromArray([0, null], new Int32()),
      responses: vectorFromArray([0, null], new Int32()),
      tenant: vectorFromArray(['a', null], new Utf8()),
    };
    for (const [name, column] of Object.entries(wrong)) {
      const requests = changed(written.requests, { [name]: column });
      const [problem] = problemsOf(() => read({ ...written, requests }));
      expect(problem).toMatchObject({ file: 'log.arrow', what: expect.stringContaining(name) });
    }
  });

  it.each([
    ['"lost" is no known outcome', { outcome: vectorFromArray(['completed', 'lost'], new Utf8()) }],
    ['the parent of call 1 is no earlier call', { parent: vectorFromArray(Int32Array.of(-1, 0)) }],
    ['not in the order of requests', { request: vectorFromArray(Uint32Array.of(1, 0)) }],
    ['call 1 is of request 2, which there is not', { request: vectorFromArray(Uint32Array.of(0, 2)) }],
    ['its server "u"', { server: vectorFromArray(['s', 'u'], new Utf8()) }],
  ])('is refused where %s', (what, columns) => {
    const calls = changed(written.calls, columns as Record<string, Vector>);
    const [problem] = problemsOf(() => read({ ...written, calls }));
    expect(problem).toMatchObject({ file: 'log.calls.arrow', what: expect.stringContaining(what) });
  });

  it('is refused in a later format, and with the tables exchanged', () => {
    const later = tableFromIPC(written.requests);
    later.schema.metadata.set('perseus.format', 'perseus-requests/3');
    const [problem] = problemsOf(() => read({ ...written, requests: tableToIPC(later) }));
    expect(problem?.what).toContain('perseus-requests/3, and perseus-requests/2 is read here');
    expect(problemsOf(() => read({ requests: written.calls, calls: written.requests }))).toHaveLength(1);
  });

  it('of before there were versions is refused with what to do', () => {
    const before = tableFromIPC(written.requests);
    before.schema.metadata.delete('perseus.format');
    const [problem] = problemsOf(() => read({ ...written, requests: tableToIPC(before) }));
    expect(problem?.what).toContain('its format is not named, and perseus-requests/2 is read here');
    expect(problem?.remedy).toContain('this version of perseus simulate');
  });
});
