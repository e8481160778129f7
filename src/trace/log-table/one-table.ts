import type { Table } from 'apache-arrow';
import { Outcome, type RequestLog } from '../request-log.js';
import { numbersOf, requireColumns, textsOf } from './arrow-columns.js';
import { endOf, FORMAT_KEY } from './requests-table.js';

/*
 * Up to perseus 0.1 a log was one table without a version: each request with its execution, outcomes as numbers, NaN where a time
 * never came. Run folders of then are still read for one more release; remove this file after it.
 */

/** Whether it is such a table. */
export function isOneTable(table: Table): boolean {
  return !table.schema.metadata.has(FORMAT_KEY) && table.schema.metadata.has('end_us');
}

const COLUMNS = [
  ...['tenant', 'server', 'batch_size', 'planned_us', 'sent_us', 'queued_us', 'started_us', 'ended_us'],
  ...['input_us', 'infer_us', 'output_us', 'response_us', 'front_end_us', 'network_us'],
  ...['execution', 'executed_batch', 'outcome'],
];

/** @throws Error where a column is missing or of another kind */
export function oneTableToLog(table: Table): RequestLog {
  requireColumns(table, COLUMNS);
  const [tenant, server] = [textsOf(table, 'tenant'), textsOf(table, 'server')];
  const outcome = numbersOf(table, 'outcome', Uint8Array);
  if (outcome.some((each) => each > Outcome.failed)) throw new Error('a request has no known outcome');
  const times = (name: string) => numbersOf(table, name, Float64Array);
  const parts = (name: string) => numbersOf(table, name, Float32Array);
  return {
    tenants: tenant.texts,
    servers: server.texts,
    tenant: tenant.indices,
    server: server.indices,
    batchSize: numbersOf(table, 'batch_size', Uint16Array),
    plannedUs: times('planned_us'),
    sentUs: times('sent_us'),
    endedUs: times('ended_us'),
    frontEndUs: parts('front_end_us'),
    networkUs: parts('network_us'),
    outcome,
    calls: {
      models: [{ name: 'unknown' }],
      model: new Uint16Array(table.numRows),
      server: server.indices,
      instance: new Int16Array(table.numRows).fill(-1),
      queuedUs: times('queued_us'),
      startedUs: times('started_us'),
      inputUs: parts('input_us'),
      inferUs: parts('infer_us'),
      outputUs: parts('output_us'),
      responseUs: parts('response_us'),
      execution: numbersOf(table, 'execution', Int32Array),
      executedBatch: numbersOf(table, 'executed_batch', Uint16Array),
      outcome,
    },
    endUs: endOf(table, 'end_us'),
  };
}
