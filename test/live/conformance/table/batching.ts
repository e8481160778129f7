import type { OneModelRow } from '../row.js';

const delayed = 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 300000 }';
const undelayed = 'max_batch_size: 4 dynamic_batching { }';
const pairs = 'max_batch_size: 8 dynamic_batching { preferred_batch_size: [ 2, 4 ] ';
const EARLY = 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 30000 ';
const HELD = `max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 300000
  default_queue_policy { max_queue_size: 2 default_timeout_microseconds: 1000000 allow_timeout_override: true } }`;
const LIMIT = 'default_queue_policy { max_queue_size: 100 } ';

/** What the dynamic batcher holds, commits and merges, beyond NVIDIA's own scenarios. */
export const BATCHING: readonly OneModelRow[] = [
  {
    rule: 'without delay an idle instance takes the first request, and the others gather while it runs',
    source: '2.3 (1)',
    config: undelayed,
    serviceMs: 100,
    arrives: '1@0 1@20 1@40',
    executes: '1@0 2+3@100',
  },
  {
    rule: 'what gathers leaves in batches of the largest size',
    source: '2.3 (1)',
    config: undelayed,
    serviceMs: 100,
    arrives: '1@0 1@10 1@20 1@30 1@40 1@50 1@60',
    executes: '1@0 2+3+4+5@100~ 6+7@200~',
  },
  {
    rule: 'requests that gather past two payloads wait in the queue and keep their order',
    source: '2.3 (5)',
    config: 'max_batch_size: 2 dynamic_batching { }',
    serviceMs: 100,
    arrives: '1@0 1@10 1@20 1@30 1@40 1@50 1@60 1@70',
    executes: '1@0 2+3@100 4+5@200 6+7@300 8@400',
  },
  {
    rule: 'a delay holds a request although an instance is idle',
    source: '2.3 (2)',
    config: delayed,
    arrives: '1@0 1@100',
    executes: '1+2@300',
  },
  {
    rule: 'with no preferred size a delay ends when the largest batch is full',
    source: '2.3 (4)',
    config: delayed,
    arrives: '5@0 3@100',
    executes: '1+2@100',
  },
  {
    rule: 'a request that does not fit sends what is held; later smaller ones do not overtake it',
    source: '2.3 (6)',
    config: delayed,
    arrives: '5@0 4@100 1@110',
    executes: '1@100 2+3@400',
  },
  {
    rule: 'the largest batch leaves at once',
    source: '2.3 (4)',
    config: delayed,
    arrives: '8@0',
    executes: '1@0',
  },
  {
    rule: 'with max_batch_size 1 the delay is ignored',
    source: '2.3 (9)',
    config: 'max_batch_size: 1 dynamic_batching { max_queue_delay_microseconds: 300000 }',
    arrives: '1@0 1@10',
    executes: '1@0 2@40',
  },
  {
    rule: 'early commitment: without a queue policy a pair is bound while the instance is busy',
    source: '2.3 (5)',
    config: `${pairs} }`,
    serviceMs: 250,
    arrives: '1@0 1@30 1@60 1@90 1@120 1@150 1@180',
    executes: '1@0 2+3@250 4+5+6+7@500',
  },
  {
    rule: 'late binding: with a queue limit the batch is formed when the instance is free',
    source: '2.3 (5)',
    config: `${pairs} ${LIMIT} }`,
    serviceMs: 250,
    arrives: '1@0 1@30 1@60 1@90 1@120 1@150 1@180',
    executes: '1@0 2+3+4+5@250~ 6+7@500~',
  },
  {
    rule: 'early commitment: what comes after the delay of a waiting payload may miss it by one execution',
    source: '2.3 (8)',
    config: `${EARLY} }`,
    serviceMs: 150,
    arrives: '1@0 1@50 1@120',
    executes: '1@30 2@180 3@330 or 1@30 2+3@180',
  },
  {
    rule: 'late binding: it does not miss it',
    source: '2.3 (8)',
    config: `${EARLY} ${LIMIT} }`,
    serviceMs: 150,
    arrives: '1@0 1@50 1@120',
    executes: '1@30 2+3@180~',
    finding: `the missed wake-up of section 2.4 is no rarity: at the end of an execution the batcher often looks for an
idle instance before there is one, and then sleeps until 500 ms after it began to wait (signals do not begin the wait
anew) or until the next arrival. Early commitment has no such race: there the instance took the next payload before the
batcher woke.`,
  },
  {
    rule: 'early commitment with variable shapes: every arrival wakes the batcher, so nothing misses it',
    source: '2.3 (8)',
    config: `${EARLY} }`,
    input: 'dims: [ -1 ]',
    serviceMs: 150,
    arrives: '1@0 1@50 1@120',
    executes: '1@30 2+3@180',
  },
  {
    rule: 'early commitment: while an execution takes long, the batcher looks around every 500 ms, so that nothing misses it',
    source: '2.3 (8)',
    config: `${EARLY} }`,
    serviceMs: 1300,
    arrives: '1@0 1@100 2@400',
    executes: '1@30 2+3@1330',
  },
  {
    rule: 'with variable shapes every arrival wakes a batcher that holds: it makes room when a shorter timeout is over',
    source: '2.3 (8)',
    config: HELD,
    input: 'dims: [ -1 ]',
    arrives: '1@0 1@50t100 1@200',
    executes: '1+3@300',
    expired: '2@200',
  },
  {
    rule: 'an optional input does not make every arrival wake it',
    source: '2.3 (8)',
    config: HELD,
    input: 'dims: [1] }, { name: "INPUT1" data_type: TYPE_FP32 dims: [1] optional: true',
    arrives: '1@0 1@50t100 1@200',
    executes: '1@300',
    refused: '3@200',
    expired: '2@300',
  },
  {
    rule: 'of equal shape they are batched where dimensions are variable',
    source: '2.3 (7)',
    config: undelayed,
    input: 'dims: [ -1 ]',
    serviceMs: 100,
    arrives: '1@0b 1@20b 1@40b',
    executes: '1@0 2+3@100',
  },
  {
    rule: 'different shapes are not batched, and nothing overtakes',
    source: '2.3 (7)',
    config: undelayed,
    input: 'dims: [ -1 ]',
    serviceMs: 100,
    arrives: '1@0 1@20 1@40b 1@60',
    executes: '1@0 2@100 3@200 4@300',
  },
  {
    rule: 'allow_ragged_batch lets different shapes share a batch',
    source: '2.3 (7)',
    config: undelayed,
    input: 'dims: [ -1 ] allow_ragged_batch: true',
    serviceMs: 100,
    arrives: '1@0 1@20 1@40b 1@60',
    executes: '1@0 2+3+4@100',
  },
  {
    rule: 'with allow_ragged_batch another shape does not end a delay',
    source: '2.3 (7)',
    config: delayed,
    input: 'dims: [ -1 ] allow_ragged_batch: true',
    arrives: '1@0 1@100b',
    executes: '1+2@300',
  },
];
