import type { Row, SleepingModel } from '../row.js';

const CACHED = 'response_cache { enable: true }';
const cached = (serviceMs: number, more = ''): SleepingModel => ({
  config: `max_batch_size: 8 ${CACHED} ${more}`,
  serviceMs,
});
const plain = (serviceMs: number): SleepingModel => ({ config: 'max_batch_size: 8', serviceMs });
const CHAIN = { steps: 'IN>A>a; a>B>OUT' };
const CACHED_CHAIN = { ...CHAIN, config: `max_batch_size: 8 ${CACHED}` };

/** What comes from the response cache. */
export const CACHES: readonly Row[] = [
  {
    rule: 'a request that equals one answered before has its answer from the cache',
    source: '5',
    models: { A: cached(100) },
    arrives: '1@0c1 1@200c1 1@240c2',
    executes: { A: '1@0 3@240' },
    answers: '1@100 2@200 3@340',
    cache: { A: { hits: 1, misses: 2 } },
  },
  {
    rule: 'a request does not wait for an equal one that is under way: both execute, and one miss is counted',
    source: '5',
    models: { A: cached(100) },
    arrives: '1@0c1 1@30c1 1@300c1',
    executes: { A: '1@0 2@100' },
    answers: '1@100 2@200 3@300',
    cache: { A: { hits: 1, misses: 1 } },
  },
  {
    rule: 'equal requests may share a batch, of which one is a miss',
    source: '5',
    models: { A: cached(100, 'dynamic_batching { }') },
    arrives: '1@0c1 1@20c2 1@40c2',
    executes: { A: '1@0 2+3@100' },
    answers: '1@100 2@200 3@200',
    cache: { A: { hits: 0, misses: 2 } },
  },
  {
    rule: 'a hit passes everything that waits',
    source: '5',
    models: { A: cached(100) },
    arrives: '1@0c1 1@150c2 1@170c3 1@190c1',
    executes: { A: '1@0 2@150 3@250' },
    answers: '1@100 2@250 3@350 4@190',
    cache: { A: { hits: 1, misses: 3 } },
  },
  {
    rule: 'a hit is not refused by a full queue',
    source: '5',
    models: { A: cached(100, 'dynamic_batching { default_queue_policy { max_queue_size: 1 } }') },
    arrives: '1@0c1 1@150c2 1@170c3 1@190c1 1@210c4',
    executes: { A: '1@0 2@150 3@250 or 1@0 2@150 3@750' },
    answers: '1@100 2@250 3@350 4@190 or 1@100 2@250 3@850 4@190',
    errors: '5@210',
    cache: { A: { hits: 1, misses: 3 } },
  },
  {
    rule: 'the answer of a step may come from the cache',
    source: '5',
    models: { A: plain(40), B: cached(100), E: CHAIN },
    arrives: '1@0c1 1@200c1',
    executes: { A: '1@0 2@200', B: '1@40' },
    answers: '1@140 2@240',
    cache: { B: { hits: 1, misses: 1 }, E: { hits: 0, misses: 0 } },
  },
  {
    rule: 'what one ensemble had a step compute, another has from the cache',
    source: '5',
    models: { A: plain(40), B: cached(100), F: { steps: 'IN>B>OUT' }, E: { steps: 'IN>B>b; b>A>OUT' } },
    arrives: '1>E@0c1 1>F@300c1',
    executes: { B: '1@0', A: '1@100' },
    answers: '1@140 2@300',
    cache: { B: { hits: 1, misses: 1 } },
  },
  {
    rule: 'an ensemble whose steps are all in the cache is answered at once',
    source: '5',
    models: { A: cached(40), B: cached(100), E: CHAIN },
    arrives: '1@0c1 1@300c1',
    executes: { A: '1@0', B: '1@40' },
    answers: '1@140 2@300',
    cache: { A: { hits: 1, misses: 1 }, B: { hits: 1, misses: 1 } },
  },
  {
    rule: 'an ensemble that is in the cache skips its steps',
    source: '5',
    models: { A: plain(40), B: plain(100), E: CACHED_CHAIN },
    arrives: '1@0c1 1@200c1',
    executes: { A: '1@0', B: '1@40' },
    answers: '1@140 2@200',
    cache: { E: { hits: 1, misses: 1 } },
  },
  {
    rule: 'where ensemble and step are cached, a hit of the ensemble asks for no step',
    source: '5',
    models: { A: plain(40), B: cached(100), E: CACHED_CHAIN },
    arrives: '1@0c1 1@200c1',
    executes: { A: '1@0', B: '1@40' },
    answers: '1@140 2@200',
    cache: { B: { hits: 0, misses: 1 }, E: { hits: 1, misses: 1 } },
  },
  {
    rule: 'of equal requests under way each is a miss of the ensemble, also those whose answer is there already',
    source: '5',
    models: { A: plain(40), B: plain(100), E: CACHED_CHAIN },
    arrives: '1@0c1 1@20c1 1@400c1',
    executes: { A: '1@0 2@40', B: '1@40 2@140' },
    answers: '1@140 2@240 3@400',
    cache: { E: { hits: 1, misses: 2 } },
    finding: `the simulator counted one miss. Triton counts every insertion of an ensemble's answer, also one that fails because an equal
answer is there already (CacheEnsembleTopLevelRequest in ensemble_scheduler.cc); the simulator does now, too.`,
  },
  {
    rule: 'the outputs that a request asks for are no part of its key',
    source: '5',
    models: {
      A: plain(40),
      B: plain(100),
      E: { steps: 'IN>A>OUTA; IN>B>OUTB', config: CACHED_CHAIN.config },
    },
    arrives: '1@0c1oOUTA 1@200c1',
    executes: { A: '1@0' },
    answers: '1@40 2@200',
    cache: { E: { hits: 1, misses: 1 } },
  },
];
