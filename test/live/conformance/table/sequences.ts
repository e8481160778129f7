import type { Row, SleepingModel } from '../row.js';

/** Tells a model which requests of its batch are padding. */
export const READY =
  'control_input [ { name: "READY" control [ { kind: CONTROL_SEQUENCE_READY int32_false_true: [ 0, 1 ] } ] } ]';
const TWO = 'instance_group [ { kind: KIND_CPU count: 2 } ]';
const SOON_IDLE = 'max_sequence_idle_microseconds: 300000';

/** A model with 100 ms an execution. */
function model(maxBatchSize: number, strategy: string, more = '', groups = ''): SleepingModel {
  const batching = `sequence_batching { ${strategy} ${more} ${READY} }`;
  return { config: `max_batch_size: ${maxBatchSize} ${batching} ${groups}`, serviceMs: 100 };
}

const direct = (maxBatchSize: number, more = '', groups = '') =>
  model(maxBatchSize, 'direct { }', more, groups);
const oldest = (sequences: number, more = '', groups = '') =>
  model(4, `oldest { max_candidate_sequences: ${sequences} }`, more, groups);

/** What becomes of requests that belong together. */
export const SEQUENCES: readonly Row[] = [
  {
    rule: 'direct: sequences have slots, and the first requests of all slots make a batch',
    source: '3a',
    models: { A: direct(4) },
    arrives: '1@0s1< 1@20s2< 1@40s1> 1@60s2>',
    executes: { A: '1@0 2+3@100 _+4@200' },
    answers: '1@100 2@200 3@200 4@300',
  },
  {
    rule: 'direct: an empty slot below the highest with a request is padding, one above is not',
    source: '3a',
    models: { A: direct(4) },
    arrives: '1@0s1< 1@20s2< 1@30s3< 1@250s2> 1@400s1>',
    executes: { A: '1@0 _+2+3@100 _+4@250 5@400' },
    answers: '1@100 2@200 3@200 4@350 5@500',
  },
  {
    rule: 'direct: requests of one sequence are executed one after the other',
    source: '3a',
    models: { A: direct(4) },
    arrives: '1@0s1< 1@20s1 1@40s1>',
    executes: { A: '1@0 2@100 3@200' },
    answers: '1@100 2@200 3@300',
  },
  {
    rule: 'direct: a sequence waits while all slots are taken, and END gives its slot to the next batch',
    source: '3',
    models: { A: direct(1) },
    arrives: '1@0s1< 1@20s2<> 1@150s1>',
    executes: { A: '1@0 3@150 2@250' },
    answers: '1@100 2@350 3@250',
  },
  {
    rule: 'direct: who waits is served in the order of first requests, with all its requests',
    source: '3',
    models: { A: direct(1) },
    arrives: '1@0s1< 1@20s2< 1@30s3<> 1@40s2> 1@150s1>',
    executes: { A: '1@0 5@150 2@250 4@350 3@450' },
    answers: '1@100 2@350 3@550 4@450 5@250',
  },
  {
    rule: 'direct: a sequence that waits fills the slot between others',
    source: '3',
    models: { A: direct(2) },
    arrives: '1@0s1< 1@20s2< 1@40s3<> 1@210s1> 1@350s2>',
    executes: { A: '1@0 _+2@100 4@210 3@310 _+5@410' },
    answers: '1@100 2@200 3@410 4@310 5@510',
  },
  {
    rule: 'direct with two instances: the lowest slots of all instances are taken first',
    source: '3',
    models: { A: direct(2, '', TWO) },
    arrives: '1@0s1< 1@20s2< 1@40s3<',
    executes: { A: '1@0 2@20 _+3@100 or 1@0 2@20 _+3@120' },
    answers: '1@100 2@120 3@200 or 1@100 2@120 3@220',
  },
  {
    rule: 'direct with two instances: the slot of a sequence that has just ended is not the next one that is taken',
    source: '3',
    models: { A: direct(2, '', TWO) },
    arrives: '1@0s1<> 1@20s2<> 1@250s3<> 1@270s4<>',
    executes: { A: '1@0 2@20 3@250 4@270' },
    answers: '1@100 2@120 3@350 4@370',
  },
  {
    rule: 'direct with two instances: a sequence stays on its instance',
    source: '3',
    models: { A: direct(1, '', TWO) },
    arrives: '1@0s1< 1@20s1 1@150s2<> 1@170s1>',
    executes: { A: '1@0 2@100 3@150 4@200' },
    answers: '1@100 2@200 3@250 4@300',
  },
  {
    rule: 'direct: a sequence that sends nothing for too long loses its slot',
    source: '3',
    models: { A: direct(1, SOON_IDLE) },
    arrives: '1@0s1< 1@20s2<> 1@500s1',
    executes: { A: '1@0 2@300' },
    answers: '1@100 2@400',
    errors: '3@500',
  },
  {
    rule: 'direct: idle time counts from the last arrival, not from the last answer',
    source: '3',
    models: { A: { ...direct(1, SOON_IDLE), serviceMs: 400 } },
    arrives: '1@0s1< 1@350s1',
    executes: { A: '1@0' },
    answers: '1@400',
    errors: '2@350',
  },
  {
    rule: 'direct: what came before the idle time was over is still executed',
    source: '3',
    models: { A: { ...direct(1, SOON_IDLE), serviceMs: 200 } },
    arrives: '1@0s1< 1@20s1 1@30s1 1@600s2<>',
    executes: { A: '1@0 2@200 3@400 4@600' },
    answers: '1@200 2@400 3@600 4@800',
  },
  {
    rule: 'a request of a sequence that has not started is refused',
    source: '3',
    models: { A: direct(4) },
    arrives: '1@0s1 1@20s2<> 1@40s1<>',
    executes: { A: '2@20 3@120' },
    answers: '2@120 3@220',
    errors: '1@0',
  },
  {
    rule: 'a request without a sequence is refused',
    source: '3',
    models: { A: direct(4) },
    arrives: '1@0 1@20s2<>',
    executes: { A: '2@20' },
    answers: '2@120',
    errors: '1@0',
  },
  {
    rule: 'START of a sequence that has a slot keeps the slot',
    source: '3',
    models: { A: direct(1) },
    arrives: '1@0s1< 1@20s2<> 1@150s1< 1@170s1>',
    executes: { A: '1@0 3@150 4@250 2@350' },
    answers: '1@100 2@450 3@250 4@350',
  },
  {
    rule: 'after END its id may begin anew',
    source: '3',
    models: { A: direct(4) },
    arrives: '1@0s1<> 1@150s1<>',
    executes: { A: '1@0 2@150' },
    answers: '1@100 2@250',
  },
  {
    rule: 'minimum_slot_utilization: a batch leaves when enough slots have a request, or after the delay',
    source: '3a',
    models: { A: model(4, 'direct { max_queue_delay_microseconds: 300000 minimum_slot_utilization: 0.5 }') },
    arrives: '1@0s1< 1@100s2< 1@300s1>',
    executes: { A: '1+2@100 3@600' },
    answers: '1@200 2@200 3@700',
  },
  {
    rule: 'minimum_slot_utilization: the delay counts from the arrival, also of what waited for the instance',
    source: '3a',
    models: { A: model(4, 'direct { max_queue_delay_microseconds: 200000 minimum_slot_utilization: 0.5 }') },
    arrives: '1@0s1< 1@20s2< 1@60s1',
    executes: { A: '1+2@20 3@260' },
    answers: '1@120 2@120 3@360',
  },
  {
    rule: 'direct: a delay without minimum_slot_utilization does nothing',
    source: '3a',
    models: { A: model(4, 'direct { max_queue_delay_microseconds: 300000 }') },
    arrives: '1@0s1<>',
    executes: { A: '1@0' },
    answers: '1@100',
  },
  {
    rule: 'oldest: requests of different sequences share a batch, without padding',
    source: '3b',
    models: { A: oldest(4) },
    arrives: '1@0s1< 1@20s2< 1@40s3<',
    executes: { A: '1@0 2+3@100' },
    answers: '1@100 2@200 3@200',
  },
  {
    rule: 'oldest: two requests of one sequence never do',
    source: '3b',
    models: { A: oldest(4) },
    arrives: '1@0s1< 1@20s1 1@40s1>',
    executes: { A: '1@0 2@100 3@200' },
    answers: '1@100 2@200 3@300',
  },
  {
    rule: 'oldest: what a sequence sends next is handed over when its batch is answered: in time for the batch that waits, if the batcher is first',
    source: '3b',
    models: { A: oldest(4) },
    arrives: '1@0s1< 1@20s1 1@40s2< 1@60s1>',
    executes: { A: '1@0 3@100 2@200 4@300 or 1@0 2+3@100 4@200' },
    answers: '1@100 2@300 3@200 4@400 or 1@100 2@200 3@200 4@300',
  },
  {
    rule: 'oldest: a delay gathers requests of different sequences',
    source: '3b',
    models: { A: model(4, 'oldest { max_candidate_sequences: 4 max_queue_delay_microseconds: 200000 }') },
    arrives: '1@0s1< 1@50s2<',
    executes: { A: '1+2@200' },
    answers: '1@300 2@300',
  },
  {
    rule: 'oldest: a preferred size ends the delay',
    source: '3b',
    models: {
      A: model(
        4,
        'oldest { max_candidate_sequences: 4 preferred_batch_size: [ 2 ] max_queue_delay_microseconds: 300000 }',
      ),
    },
    arrives: '1@0s1< 1@50s2<',
    executes: { A: '1+2@50' },
    answers: '1@150 2@150',
  },
  {
    rule: 'oldest: more sequences than a batch holds take turns',
    source: '3b',
    models: { A: model(2, 'oldest { max_candidate_sequences: 4 }') },
    arrives: '1@0s1< 1@20s2< 1@30s3< 1@40s4<',
    executes: { A: '1@0 2+3@100 4@200' },
    answers: '1@100 2@200 3@200 4@300',
  },
  {
    rule: 'oldest: any number of batches wait, each closed at a preferred size',
    source: '3b',
    models: { A: model(4, 'oldest { max_candidate_sequences: 8 preferred_batch_size: [ 1, 3 ] }') },
    arrives: '1@0s1< 1@15s2< 1@30s3< 1@45s4< 1@60s5< 1@75s6<',
    executes: { A: '1@0 2@100 3@200 4@300 5@400 6@500' },
    answers: '1@100 2@200 3@300 4@400 5@500 6@600',
  },
  {
    rule: 'oldest: a sequence waits while all slots are taken, and after END for the last execution of the one before',
    source: '3b',
    models: { A: oldest(1) },
    arrives: '1@0s1< 1@20s2<> 1@150s1>',
    executes: { A: '1@0 3@150 2@250' },
    answers: '1@100 2@350 3@250',
  },
  {
    rule: 'oldest with two instances: each has slots and a batcher of its own',
    source: '3b',
    models: { A: oldest(1, '', TWO) },
    arrives: '1@0s1< 1@20s2< 1@40s3<> 1@150s1>',
    executes: { A: '1@0 2@20 4@150 3@250' },
    answers: '1@100 2@120 3@350 4@250',
  },
  {
    rule: 'oldest: a sequence that sends nothing for too long loses its slot',
    source: '3',
    models: { A: oldest(1, SOON_IDLE) },
    arrives: '1@0s1< 1@20s2<> 1@500s1',
    executes: { A: '1@0 2@300' },
    answers: '1@100 2@400',
    errors: '3@500',
  },
  {
    rule: 'a sequence goes with its id and flags through an ensemble to the step that keeps it',
    source: '1',
    models: {
      A: { config: 'max_batch_size: 8', serviceMs: 40 },
      B: direct(1),
      E: { steps: 'IN>A>a; a>B>OUT', config: 'max_batch_size: 1' },
    },
    arrives: '1@0s1< 1@50s2<> 1@200s1>',
    executes: { A: '1@0 2@50 3@200', B: '1@40 3@240 2@340' },
    answers: '1@140 2@440 3@340',
  },
];
