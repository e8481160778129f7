import type { OneModelRow } from '../row.js';

/**
 * The scenarios of triton-inference-server's qa/L0_batcher, on another scale: what waits 10 s there waits
 * 300 ms here.
 */
const source = '2.6';
const config = `max_batch_size: 8
dynamic_batching { preferred_batch_size: [ 2, 6 ] max_queue_delay_microseconds: 300000 }`;
const preferOnly = 'max_batch_size: 8 dynamic_batching { preferred_batch_size: [ 4, 6 ] }';
const shaped = { source, config, input: 'dims: [ -1 ]' };

export const GOLDEN: readonly OneModelRow[] = [
  {
    rule: 'preferred sizes leave at once',
    ...{ source, config },
    arrives: '2@0 6@100',
    executes: '1@0 2@100',
  },
  { rule: 'less waits for the delay', ...{ source, config }, arrives: '1@0', executes: '1@300' },
  {
    rule: 'a size between preferred ones waits for the delay',
    ...{ source, config },
    arrives: '3@0',
    executes: '1@300',
  },
  {
    rule: 'more than the largest preferred size leaves at once',
    ...{ source, config },
    arrives: '7@0',
    executes: '1@0',
  },
  { rule: 'another shape closes the batch', ...shaped, arrives: '1@0 1@100b', executes: '1@100 2@400' },
  { rule: 'sizes add up', ...{ source, config }, arrives: '1@0 3@100', executes: '1+2@300' },
  {
    rule: 'another shape sends what is held',
    ...shaped,
    arrives: '1@0 3@100 1@200b',
    executes: '1+2@200 3@500',
  },
  {
    rule: 'what another shape holds may reach a preferred size',
    ...shaped,
    arrives: '1@0 3@100 1@200b 5@290b',
    executes: '1+2@200 3+4@290',
  },
  {
    rule: 'a request that does not fit starts the next batch',
    ...{ source, config },
    arrives: '3@0 7@100',
    executes: '1@100 2@140',
  },
  {
    rule: 'and may itself have to wait',
    ...{ source, config },
    arrives: '3@0 4@100',
    executes: '1@100 2@400',
  },
  {
    rule: 'two that were held from the start are treated alike',
    ...{ source, config },
    heldUntil: 2,
    arrives: '3@0 4@100',
    executes: '1@100 2@400',
  },
  {
    rule: 'when the delay has passed, all that fits leaves, preferred or not',
    ...{ source, config },
    heldUntil: 3,
    arrives: '3@0 4@10 1@360',
    executes: '1+2+3@360',
  },
  {
    rule: 'shapes separate what was held from the start',
    ...shaped,
    heldUntil: 4,
    arrives: '1@0 3@50 1@100b 5@150b',
    executes: '1+2@150 3+4@190',
  },
  {
    rule: 'the largest preferred size that is reached wins',
    ...{ source, config },
    heldUntil: 6,
    arrives: '1@0 1@10 1@20 1@30 1@40 1@50',
    executes: '1+2+3+4+5+6@50',
  },
  {
    rule: 'the best preferred size leaves, the rest waits',
    ...{ source, config },
    heldUntil: 3,
    arrives: '1@0 1@10 1@100',
    executes: '1+2@100 3@400',
  },
  {
    rule: 'without delay: exactly a preferred size',
    ...{ source, config: preferOnly },
    heldUntil: 4,
    arrives: '1@0 1@10 1@20 1@30',
    executes: '1+2+3+4@30',
  },
  {
    rule: 'without delay: preferred size first, then the rest',
    ...{ source, config: preferOnly },
    heldUntil: 5,
    arrives: '1@0 1@10 1@20 1@30 1@40',
    executes: '1+2+3+4@40 5@80',
  },
  {
    rule: 'without delay: the largest preferred size',
    ...{ source, config: preferOnly },
    heldUntil: 7,
    arrives: '1@0 1@10 1@20 1@30 1@40 1@50 1@60',
    executes: '1+2+3+4+5+6@60 7@100',
  },
  {
    rule: 'without delay: less than any preferred size leaves at once',
    ...{ source, config: preferOnly },
    heldUntil: 3,
    arrives: '1@0 1@10 1@20',
    executes: '1+2+3@20',
  },
  {
    rule: 'a delay gathers what arrives within it into one execution',
    source,
    config: 'max_batch_size: 100 dynamic_batching { max_queue_delay_microseconds: 160000 }',
    serviceMs: 200,
    arrives: '1@0 1@10 1@20 1@30 1@40 1@50 1@60 1@70 1@80 1@90 1@100 1@110',
    executes: '1+2+3+4+5+6+7+8+9+10+11+12@160',
  },
  {
    rule: 'without a delay the first request leaves alone and the others together',
    source,
    config: 'max_batch_size: 100 dynamic_batching { }',
    serviceMs: 200,
    arrives: '1@0 1@20 1@30 1@40 1@50 1@60 1@70 1@80 1@90 1@100 1@110 1@120',
    executes: '1@0 2+3+4+5+6+7+8+9+10+11+12@200',
  },
];
