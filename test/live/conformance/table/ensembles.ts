import { CHAIN, type Row, sleeping } from '../row.js';

const THREE = 'instance_group [ { kind: KIND_CPU count: 3 } ]';
const LIMITED = 'max_batch_size: 8 dynamic_batching { default_queue_policy { max_queue_size: 1 } }';
const TWO_LEVELS = 'max_batch_size: 8 dynamic_batching { priority_levels: 2 default_priority_level: 2 }';
const DIAMOND = { steps: 'IN>A>a; a>B>b; a>C>c; b,c>D>OUT' };

/** What an ensemble does with its steps. */
export const ENSEMBLES: readonly Row[] = [
  {
    rule: 'a step begins when the one before it has answered',
    source: '1',
    models: { A: sleeping(60), B: sleeping(100), E: CHAIN },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@60' },
    answers: '1@160',
  },
  {
    rule: 'the first step takes the next request while the second works, and each step has a queue of its own',
    source: '1',
    models: { A: sleeping(60), B: sleeping(100), E: CHAIN },
    arrives: '1@0 1@20 1@40',
    executes: { A: '1@0 2@60 3@120', B: '1@60 2@160 3@260' },
    answers: '1@160 2@260 3@360',
  },
  {
    rule: 'steps that need the same tensor run beside each other, and a step that needs both waits for the later one',
    source: '1',
    models: {
      ...{ A: sleeping(50), B: sleeping(60), C: sleeping(120), D: sleeping(40, { inputs: 2 }) },
      E: DIAMOND,
    },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@50', C: '1@50', D: '1@170' },
    answers: '1@210',
  },
  {
    rule: 'requests pass through a fan-out and its join in order, each step as fast as it can',
    source: '1',
    models: {
      ...{ A: sleeping(50), B: sleeping(60), C: sleeping(120), D: sleeping(40, { inputs: 2 }) },
      E: DIAMOND,
    },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@50', B: '1@50 2@110', C: '1@50 2@170', D: '1@170 2@290' },
    answers: '1@210 2@330',
  },
  {
    rule: 'steps that need only what the client sent begin at once, and the answer waits for all outputs',
    source: '1',
    models: { A: sleeping(60), B: sleeping(120), E: { steps: 'IN>A>OUTA; IN>B>OUTB' } },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@0' },
    answers: '1@120',
  },
  {
    rule: 'calls of different requests share a batch in a step that batches',
    source: '1',
    models: {
      A: sleeping(50, { config: `max_batch_size: 8 ${THREE}` }),
      B: sleeping(100, { config: 'max_batch_size: 8 dynamic_batching { }' }),
      E: CHAIN,
    },
    arrives: '1@0 1@20 1@40',
    executes: { A: '1@0 2@20 3@40', B: '1@50 2+3@150' },
    answers: '1@150 2@250 3@250',
  },
  {
    rule: 'a delay in a step gathers what earlier steps bring one after the other',
    source: '1',
    models: {
      A: sleeping(50),
      B: sleeping(60, {
        config: 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 120000 }',
      }),
      E: CHAIN,
    },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@50', B: '1+2@170' },
    answers: '1@230 2@230',
  },
  {
    rule: 'a model may be two steps of one ensemble',
    source: '1',
    models: { A: sleeping(60), E: { steps: 'IN>A>a; a>A>OUT' } },
    arrives: '1@0 1@30',
    executes: { A: '1@0 2@60 1@120 2@180' },
    answers: '1@180 2@240',
  },
  {
    rule: 'two parallel steps of one model are two calls of it, which wait for each other',
    source: '1',
    models: {
      A: sleeping(40),
      B: sleeping(60),
      D: sleeping(40, { inputs: 2 }),
      E: { steps: 'IN>A>a; a>B>b; a>B>c; b,c>D>OUT' },
    },
    arrives: '1@0',
    executes: { A: '1@0', B: '1@40 1@100', D: '1@160' },
    answers: '1@200',
  },
  {
    rule: 'a request of several inferences goes whole through the steps',
    source: '1',
    models: { A: sleeping(20, { itemMs: 20 }), B: sleeping(20, { itemMs: 10 }), E: CHAIN },
    arrives: '3@0',
    executes: { A: '1@0', B: '1@80' },
    answers: '1@130',
  },
  {
    rule: 'a child that a queue limit refuses fails the request, at once',
    source: '1',
    models: { A: sleeping(20), B: sleeping(200, { config: LIMITED }), E: CHAIN },
    arrives: '1@0 1@50 1@100',
    executes: { A: '1@0 2@50 3@100', B: '1@20 2@220 or 1@20 2@720' },
    answers: '1@220 2@420 or 1@220 2@920',
    errors: '3@120',
  },
  {
    rule: 'of steps that begin together none is called after one that a queue limit refuses',
    source: '1',
    models: {
      A: sleeping(20),
      B: sleeping(300, {
        config: 'max_batch_size: 8 dynamic_batching { default_queue_policy { max_queue_size: 4 } }',
      }),
      C: sleeping(30),
      E: { steps: 'IN>A>a; a>B>OUTB; a>C>OUTC' },
    },
    arrives: '1@0 1@50 1@100 1@150 1@200 1@250',
    executes: {
      A: '1@0 2@50 3@100 4@150 5@200 6@250',
      B: '1@20 2+3+4+5@320 or 1@20 2+3+4+5@820',
      C: '1@20 2@70 3@120 4@170 5@220',
    },
    answers: '1@320 2@620 3@620 4@620 5@620 or 1@320 2@1120 3@1120 4@1120 5@1120',
    refused: '6@270',
    isStuckAfter: true,
    finding: `in the real 24.10 the thread that called the step never comes back: the instance of A takes no request after it, and
cannot be unloaded. The simulator goes on with the next request.`,
  },
  {
    rule: 'an error of a step is told at once, and a parallel step goes on for nobody',
    source: '1',
    models: {
      A: sleeping(150, { config: `max_batch_size: 8 ${THREE}` }),
      B: sleeping(300, { config: LIMITED }),
      E: { steps: 'IN>A>OUTA; IN>B>OUTB' },
    },
    arrives: '1@0 1@30 1@60',
    executes: { A: '1@0 2@30 3@60', B: '1@0 2@300 or 1@0 2@800' },
    answers: '1@300 2@600 or 1@300 2@1100',
    errors: '3@60',
    hangs: [3],
    finding: `the real 24.10 never answers such a request: where a step cannot be put into its queue while another of the same
request is under way, nobody ends the request when that one is done, and its client waits for ever. The notes said that it could
(pull request 466 of the core mends it, from 26.02 on). A chain, where nothing else is under way, has its error at once. The
simulator answers with the error: a scenario in which this happens shows errors where clients of a 24.10 hang.`,
  },
  {
    rule: 'a step that two ensembles share has one queue',
    source: '1',
    models: { A: sleeping(60), S: sleeping(100), F: { steps: 'IN>S>OUT' }, E: { steps: 'IN>A>a; a>S>OUT' } },
    arrives: '1>E@0 1>F@30',
    executes: { A: '1@0', S: '2@30 1@130' },
    answers: '1@230 2@130',
  },
  {
    rule: 'calls of two ensembles share a batch',
    source: '1',
    models: {
      A: sleeping(40),
      S: sleeping(60, {
        config: 'max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 120000 }',
      }),
      F: { steps: 'IN>S>OUT' },
      E: { steps: 'IN>A>a; a>S>OUT' },
    },
    arrives: '1>E@0 1>F@80',
    executes: { A: '1@0', S: '1+2@160' },
    answers: '1@220 2@220',
  },
  {
    rule: 'a step serves clients that call it directly, too',
    source: '1',
    models: { A: sleeping(40), B: sleeping(100), E: CHAIN },
    arrives: '1@0 1>B@20',
    executes: { A: '1@0', B: '2@20 1@120' },
    answers: '1@220 2@120',
  },
  {
    rule: 'steps take the priority of the request',
    source: '1',
    models: { A: sleeping(200, { config: TWO_LEVELS }), E: { steps: 'IN>A>OUT' } },
    arrives: '8@0p1 4@20p2 4@40p2 8@60p1',
    executes: { A: '1@0 4@200~ 2+3@400~' },
  },
  {
    rule: 'steps that no requested output needs are left out',
    source: '1',
    models: {
      ...{ A: sleeping(40), B: sleeping(60), C: sleeping(120) },
      E: { steps: 'IN>A>a; a>B>OUTB; a>C>OUTC' },
    },
    arrives: '1@0oOUTB 1@200oOUTC 1@400',
    executes: { A: '1@0 2@200 3@400', B: '1@40 3@440', C: '2@240 3@440' },
    answers: '1@100 2@360 3@560',
  },
  {
    rule: 'an ensemble may be a step of another',
    source: '1',
    models: {
      ...{ A: sleeping(40), B: sleeping(60), C: sleeping(50) },
      F: CHAIN,
      E: { steps: 'IN>F>f; f>C>OUT' },
    },
    arrives: '1@0 1@20',
    executes: { A: '1@0 2@40', B: '1@40 2@100', C: '1@100 2@160' },
    answers: '1@150 2@210',
  },
  {
    rule: 'an ensemble asks another for the outputs that its step maps, and steps that only others need are left out',
    source: '1',
    models: {
      ...{ A: sleeping(40), B: sleeping(60), C: sleeping(120), D: sleeping(50) },
      F: { steps: 'IN>A>a; a>B>OUTB; a>C>OUTC' },
      E: { steps: 'IN>F.OUTB>f; f>D>OUT' },
    },
    arrives: '1@0 1>F@250',
    executes: { A: '1@0 2@250', B: '1@40 2@290', C: '2@290', D: '1@100' },
    answers: '1@150 2@410',
  },
];
