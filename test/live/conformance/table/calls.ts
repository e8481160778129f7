import { type Row, type SleepingModel, sleeping } from '../row.js';

const caller = (
  calls: SleepingModel['calls'],
  config = 'max_batch_size: 8',
  serviceMs = 40,
): SleepingModel => ({
  ...{ config, serviceMs },
  ...(calls !== undefined && { calls }),
});
const coroutine = (calls: SleepingModel['calls']): SleepingModel => ({
  ...caller(calls),
  ...{ isAsync: true, responses: { count: 1, firstMs: 0, gapMs: 0 } },
});
const GATHERING = 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 80000 }';
const instances = (count: number) =>
  `max_batch_size: 8 instance_group [ { kind: KIND_CPU count: ${count} } ]`;

const TWO_LEVELS = 'max_batch_size: 1 dynamic_batching { priority_levels: 2 default_priority_level: 2 }';

/** Models that call others while they work (business logic scripting, BLS). */
export const CALLS: readonly Row[] = [
  {
    rule: 'BLS: an execution makes a call and waits for it',
    source: '2',
    models: { B: sleeping(60), P: caller([{ call: 'B' }]) },
    arrives: '1@0',
    executes: { P: '1@0', B: '1@40' },
    answers: '1@100',
  },
  {
    rule: 'BLS: calls in sequence follow each other',
    source: '2',
    models: { B: sleeping(60), C: sleeping(50), P: caller([{ call: 'B' }, { call: 'C' }]) },
    arrives: '1@0',
    executes: { P: '1@0', B: '1@40', C: '1@100' },
    answers: '1@150',
  },
  {
    rule: 'BLS: an execution computes between its calls',
    source: '2',
    models: { B: sleeping(60), C: sleeping(50), P: caller([{ call: 'B' }, { ownMs: 70 }, { call: 'C' }]) },
    arrives: '1@0',
    executes: { P: '1@0', B: '1@40', C: '1@170' },
    answers: '1@220',
  },
  {
    rule: 'BLS: calls at once (async_exec) run beside each other, and the execution waits for all',
    source: '2',
    models: { B: sleeping(60), C: sleeping(120), P: caller([{ parallel: [{ call: 'B' }, { call: 'C' }] }]) },
    arrives: '1@0',
    executes: { P: '1@0', B: '1@40', C: '1@40' },
    answers: '1@160',
  },
  {
    rule: 'BLS: two calls at once of one model wait for each other',
    source: '2',
    models: { B: sleeping(60), P: caller([{ parallel: [{ call: 'B' }, { call: 'B' }] }]) },
    arrives: '1@0',
    executes: { P: '1@0', B: '1@40 1@100' },
    answers: '1@160',
  },
  {
    rule: 'BLS: the instance is busy while it waits for a call',
    source: '2',
    models: { B: sleeping(100), P: caller([{ call: 'B' }]) },
    arrives: '1@0 1@20',
    executes: { P: '1@0 2@140', B: '1@40 2@180' },
    answers: '1@140 2@280',
  },
  {
    rule: 'BLS: with two instances the calls of both wait in the queue of the model that they call',
    source: '2',
    models: { B: sleeping(100), P: caller([{ call: 'B' }], instances(2)) },
    arrives: '1@0 1@20',
    executes: { P: '1@0 2@20', B: '1@40 2@140' },
    answers: '1@140 2@240',
  },
  {
    rule: 'BLS: calls of two instances share a batch',
    source: '2',
    models: { B: sleeping(60, { config: GATHERING }), P: caller([{ call: 'B' }], instances(2)) },
    arrives: '1@0 1@20',
    executes: { P: '1@0 2@20', B: '1+2@120' },
    answers: '1@180 2@180',
  },
  {
    rule: 'BLS: one call for each request of a batch',
    source: '2',
    models: { B: sleeping(60), P: caller([{ call: 'B' }], GATHERING) },
    arrives: '1@0 1@20',
    executes: { P: '1+2@80', B: '1@120 2@180' },
    answers: '1@240 2@240',
  },
  {
    rule: 'BLS: one call for all requests of a batch',
    source: '2',
    models: { B: sleeping(40, { itemMs: 20 }), P: caller([{ call: 'B', per: 'batch' }], GATHERING) },
    arrives: '1@0 1@20',
    executes: { P: '1+2@80', B: '1@120' },
    answers: '1@200 2@200',
  },
  {
    rule: 'BLS: calls do not have the priority of the request',
    source: '2',
    models: {
      B: sleeping(200, { config: TWO_LEVELS }),
      P: caller([{ call: 'B' }], `${TWO_LEVELS} instance_group [ { kind: KIND_CPU count: 3 } ]`, 20),
    },
    arrives: '1@0p2 1@40p2 1@80p1',
    executes: { P: '1@0 2@40 3@80', B: '1@20 2@220~ 3@420~' },
  },
  {
    rule: 'BLS: an error of a call that nobody catches fails the request',
    source: '2',
    models: {
      B: sleeping(200, {
        config: 'max_batch_size: 8 dynamic_batching { default_queue_policy { max_queue_size: 1 } }',
      }),
      P: caller([{ call: 'B' }], instances(3), 20),
    },
    arrives: '1@0 1@40 1@80',
    executes: { P: '1@0 2@40 3@80', B: '1@20 2@220 or 1@20 2@720' },
    answers: '1@220 2@420 or 1@220 2@920',
    errors: '3@100',
  },
  {
    rule: 'BLS: a call may be answered from the cache',
    source: '2',
    models: {
      B: sleeping(60, { config: 'max_batch_size: 8 response_cache { enable: true }' }),
      P: caller([{ call: 'B' }]),
    },
    arrives: '1@0c1 1@200c1',
    executes: { P: '1@0 2@200', B: '1@40' },
    answers: '1@100 2@240',
    cache: { B: { hits: 1, misses: 1 } },
  },
  {
    rule: 'BLS: a decoupled model with async execute takes requests while earlier ones wait for their calls',
    source: '2',
    models: { B: sleeping(200, { config: instances(2) }), P: coroutine([{ call: 'B' }]) },
    arrives: '1@0 1@100',
    executes: { P: '1@0 2@100', B: '1@40 2@140' },
    streams: '1@240 2@340',
    answers: '1@240 2@340',
  },
  {
    rule: 'BLS: coroutines of an instance compute one after the other',
    source: '2',
    models: { B: sleeping(200, { config: instances(2) }), P: coroutine([{ call: 'B' }, { ownMs: 100 }]) },
    arrives: '1@0 1@60',
    executes: { P: '1@0 2@60', B: '1@40 2@100' },
    streams: '1@340 2@440',
    answers: '1@340 2@440',
  },
  {
    rule: 'a step of an ensemble may call others',
    source: '2',
    models: { B: sleeping(60), C: sleeping(50), P: caller([{ call: 'B' }]), E: { steps: 'IN>P>p; p>C>OUT' } },
    arrives: '1@0 1@20',
    executes: { P: '1@0 2@100', B: '1@40 2@140', C: '1@100 2@200' },
    answers: '1@150 2@250',
  },
];
