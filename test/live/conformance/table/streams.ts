import { CHAIN, type Responses, type Row, type SleepingModel, sleeping } from '../row.js';
import { READY } from './sequences.js';

function streaming(count: number, more: Partial<Responses> = {}, serviceMs = 40): SleepingModel {
  return { config: 'max_batch_size: 8', serviceMs, responses: { count, firstMs: 50, gapMs: 60, ...more } };
}

/** A decoupled model with sequences. */
function ofSequences(strategy: string, more: Partial<Responses> = {}): SleepingModel {
  const config = `max_batch_size: 8 sequence_batching { ${strategy} ${READY} }`;
  return { ...streaming(3, more), config };
}

/** Two instances of a model whose time is that of the inferences alone. */
const SIDE_BY_SIDE: SleepingModel = {
  config: 'max_batch_size: 8 instance_group [ { kind: KIND_CPU count: 2 } ]',
  serviceMs: 0,
  itemMs: 50,
};

/** Models that answer with several responses, or none. */
export const STREAMS: readonly Row[] = [
  {
    rule: 'decoupled: the instance is free while the responses come, and the request ends with the last one',
    source: '6',
    models: { A: streaming(4) },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@40' },
    streams: '1+1+1+1@90 2+2+2+2@130',
    answers: '1@270 2@310',
  },
  {
    rule: 'decoupled: one response is as good as an answer',
    source: '6',
    models: { A: streaming(1) },
    arrives: '1@0 1@100',
    executes: { A: '1@0 2@100' },
    streams: '1@90 2@190',
    answers: '1@90 2@190',
  },
  {
    rule: 'decoupled: requests of a batch have their responses each by itself',
    source: '6',
    models: {
      A: {
        ...streaming(2),
        config: 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 80000 }',
      },
    },
    arrives: '1@0 1@30',
    executes: { A: '1+2@80' },
    streams: '1+1@170 2+2@170',
    answers: '1@230 2@230',
  },
  {
    rule: 'decoupled: a request may end without a response',
    source: '6',
    models: { A: streaming(0) },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@40' },
    answers: '1@90 2@130',
  },
  {
    rule: 'decoupled: an empty final message ends the stream later than the last response',
    source: '6',
    models: { A: streaming(2, { endMs: 100 }) },
    arrives: '1@0',
    executes: { A: '1@0' },
    streams: '1+1@90',
    answers: '1@250',
  },
  {
    rule: 'decoupled, direct: the next request of a sequence does not wait for the responses to the one before',
    source: '6',
    models: { A: ofSequences('direct { }') },
    arrives: '1@0s1< 1@20s1 1@400s1>',
    executes: { A: '1@0 2@40 3@400' },
    streams: '1+1+1@90 2+2+2@130 3+3+3@490',
    answers: '1@210 2@250 3@610',
  },
  {
    rule: 'decoupled, oldest: the next request of a sequence does not wait for the responses to the one before',
    source: '6',
    models: { A: ofSequences('oldest { max_candidate_sequences: 4 }') },
    arrives: '1@0s1< 1@20s1 1@400s1>',
    executes: { A: '1@0 2@40 3@400' },
    streams: '1+1+1@90 2+2+2@130 3+3+3@490',
    answers: '1@210 2@250 3@610',
  },
  {
    rule: 'decoupled, direct: where execute sends the responses, the next request of a sequence waits for them',
    source: '6',
    models: { A: ofSequences('direct { }', { isBusy: true }) },
    arrives: '1@0s1< 1@20s1 1@600s1>',
    executes: { A: '1@0 2@210 3@600' },
    streams: '1+1+1@90 2+2+2@300 3+3+3@690',
    answers: '1@210 2@420 3@810',
  },
  {
    rule: 'decoupled, oldest: where execute sends the responses, the next request of a sequence waits for them',
    source: '6',
    models: { A: ofSequences('oldest { max_candidate_sequences: 4 }', { isBusy: true }) },
    arrives: '1@0s1< 1@20s1 1@600s1>',
    executes: { A: '1@0 2@210 3@600' },
    streams: '1+1+1@90 2+2+2@300 3+3+3@690',
    answers: '1@210 2@420 3@810',
  },
  {
    rule: 'decoupled, direct: requests of a batch of sequences have their responses each by itself',
    source: '6',
    models: { A: ofSequences('direct { }') },
    arrives: '1@0s1< 1@10s2< 1@20s1> 1@30s2>',
    executes: { A: '1@0 2+3@40 _+4@80' },
    streams: '1+1+1@90 2+2+2@130 3+3+3@130 4+4+4@170',
    answers: '1@210 2@250 3@250 4@290',
  },
  {
    rule: 'a decoupled step of an ensemble that takes sequences: each response to each request goes through the steps after it',
    source: '6',
    models: { A: ofSequences('direct { }'), B: sleeping(10), E: CHAIN },
    arrives: '1@0s1< 1@20s1 1@400s1>',
    executes: { A: '1@0 2@40 3@400', B: '1@90 2@130 1@150 2@190 1@210 2@250 3@490 3@550 3@610' },
    streams: '1+1+1@100 2+2+2@140 3+3+3@500',
    answers: '1@220 2@260 3@620',
  },
  {
    rule: 'a decoupled step of an ensemble: each response goes through the steps after it',
    source: '6',
    models: { A: streaming(3), B: sleeping(20), E: CHAIN },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@90 1@150 1@210' },
    streams: '1+1+1@110',
    answers: '1@230',
  },
  {
    rule: 'a decoupled step of an ensemble: one response is as good as an answer',
    source: '6',
    models: { A: streaming(1), B: sleeping(20), E: CHAIN },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@90' },
    streams: '1@110',
    answers: '1@110',
  },
  {
    rule: 'a decoupled step of an ensemble: without a response the steps after it do nothing',
    source: '6',
    models: { A: streaming(0), B: sleeping(20), E: CHAIN },
    arrives: '1@0',
    executes: { A: '1@0' },
    answers: '1@90',
  },
  {
    rule: 'a decoupled last step of an ensemble: clients get its responses',
    source: '6',
    models: { A: sleeping(30), B: streaming(3), E: CHAIN },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@30', B: '1@30 2@70' },
    streams: '1+1+1@120 2+2+2@160',
    answers: '1@240 2@280',
  },
  {
    rule: 'decoupled: where execute sends the responses, its instance is busy until the last one',
    source: '6',
    models: { A: streaming(3, { isBusy: true }) },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@210' },
    streams: '1+1+1@90 2+2+2@300',
    answers: '1@210 2@420',
  },
  {
    rule: 'decoupled: where execute sends the responses, requests of a batch have theirs one after the other',
    source: '6',
    models: {
      A: {
        ...streaming(2, { isBusy: true }, 0),
        config: 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 80000 }',
      },
    },
    arrives: '1@0 1@30 1@60',
    executes: { A: '1+2+3@80' },
    streams: '1+1@130 2+2@240 3+3@350',
    answers: '1@190 2@300 3@410',
  },
  {
    rule: 'a decoupled step of an ensemble: the steps after it begin while it executes, where execute sends the responses',
    source: '6',
    models: { A: streaming(3, { isBusy: true }), B: sleeping(20), E: CHAIN },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@90 1@150 1@210' },
    streams: '1+1+1@110',
    answers: '1@230',
  },
  {
    rule: 'a shared stream: answers come in the order of the requests, however soon they are there',
    source: '6',
    sharedStreams: 1,
    models: { A: SIDE_BY_SIDE },
    arrives: '4@0 1@20 1@280',
    executes: { A: '1@0 2@20 3@280' },
    answers: '1@200 2@200 3@330',
  },
  {
    rule: 'two shared streams: a request waits for those before it in its own stream alone',
    source: '6',
    sharedStreams: 2,
    models: { A: SIDE_BY_SIDE },
    arrives: '5@0 1@20 1@120',
    executes: { A: '1@0 2@20 3@120' },
    answers: '1@250 2@70 3@250',
  },
  {
    rule: 'a shared stream: a refusal waits for the answers to the requests before it',
    source: '6',
    sharedStreams: 1,
    models: {
      A: sleeping(80, {
        config: 'max_batch_size: 1 dynamic_batching { default_queue_policy { max_queue_size: 1 } }',
      }),
    },
    arrives: '1@0 1@20 1@40',
    executes: { A: '1@0 2@80 or 1@0 2@580' },
    answers: '1@80 2@160 or 1@80 2@660',
    refused: '3@160 or 3@660',
  },
];
