import { describe, expect, it } from 'vitest';
import { type BatcherCase, runBatcher } from '../support/batcher.js';

/**
 * Golden scenarios of triton-inference-server's qa/L0_batcher, in a notation of our own. What arrives:
 * `size@second` with a letter for its shape, e.g. `1@0 3@1b`. What is executed: `size@second`, the
 * second rounded down. Unless said otherwise M = 8, P = {2, 6}, D = 10 s, one instance.
 */
interface Golden {
  readonly arrives: string;
  readonly executes: string;
  readonly what: string;
  readonly rules?: Partial<BatcherCase>;
}

const SECOND = 1e9;
const shaped = { enforceEqualShape: true };
const preferOnly = { preferred: [4, 6], delayNs: 0 };

const GOLDEN: Golden[] = [
  { what: 'preferred sizes leave at once', arrives: '2@0 6@5', executes: '2@0 6@5' },
  { what: 'less than any preferred size waits for the delay', arrives: '1@0', executes: '1@10' },
  { what: 'a size between preferred ones waits for the delay', arrives: '3@0', executes: '3@10' },
  { what: 'more than the largest preferred size leaves at once', arrives: '7@0', executes: '7@0' },
  { what: 'another shape closes the batch', arrives: '1@0 1@1b', executes: '1@1 1@11', rules: shaped },
  { what: 'sizes add up', arrives: '1@0 3@1', executes: '4@10' },
  { what: 'another shape sends what is held', arrives: '1@0 3@1 1@2b', executes: '4@2 1@12', rules: shaped },
  {
    what: 'what another shape holds may reach a preferred size',
    arrives: '1@0 3@1 1@2b 5@3b',
    executes: '4@2 6@3',
    rules: shaped,
  },
  { what: 'a request that does not fit starts the next batch', arrives: '3@0 7@1', executes: '3@1 7@1' },
  { what: 'and may itself have to wait', arrives: '3@0 4@1', executes: '3@1 4@11' },
  {
    what: 'two held from the start are treated alike',
    arrives: '3@0 4@1',
    executes: '3@1 4@11',
    rules: { holdUntilQueued: 2 },
  },
  {
    what: 'when the delay has passed, all that fits leaves, preferred or not',
    arrives: '3@0 4@0.000001 1@11',
    executes: '8@11',
    rules: { holdUntilQueued: 3 },
  },
  {
    what: 'shapes separate what was held from the start',
    arrives: '1@0 3@1 1@2b 5@3b',
    executes: '4@3 6@3',
    rules: { ...shaped, holdUntilQueued: 4 },
  },
  {
    what: 'the largest preferred size that is reached wins',
    arrives: '1@0 1@0.000001 1@0.000002 1@0.000003 1@0.000004 1@0.000005',
    executes: '6@0',
    rules: { holdUntilQueued: 6 },
  },
  {
    what: 'the best preferred size leaves, the rest waits',
    arrives: '1@0 1@0.000001 1@1',
    executes: '2@1 1@11',
    rules: { holdUntilQueued: 3 },
  },
  {
    what: 'without delay: exactly a preferred size',
    arrives: ones(4),
    executes: '4@0',
    rules: { ...preferOnly, holdUntilQueued: 4 },
  },
  {
    what: 'without delay: preferred size first, then the rest',
    arrives: ones(5),
    executes: '4@0 1@0',
    rules: { ...preferOnly, holdUntilQueued: 5 },
  },
  {
    what: 'without delay: the largest preferred size',
    arrives: ones(7),
    executes: '6@0 1@0',
    rules: { ...preferOnly, holdUntilQueued: 7 },
  },
  {
    what: 'without delay: less than any preferred size leaves at once',
    arrives: ones(3),
    executes: '3@0',
    rules: { ...preferOnly, holdUntilQueued: 3 },
  },
];

function ones(count: number): string {
  return Array.from({ length: count }, (_, i) => `1@${(i * 1e-6).toFixed(6)}`).join(' ');
}

function parse(arrives: string): [number, number, number][] {
  return arrives.split(' ').map((word) => {
    const [, size, second, shape] = /^(\d+)@([\d.]+)([a-z]?)$/.exec(word)!;
    return [Math.round(Number(second) * SECOND) + 1, Number(size), shape === '' ? 0 : shape!.charCodeAt(0)];
  });
}

function run(arrives: string, rules: Partial<BatcherCase>): string {
  const executions = runBatcher({
    maxBatchSize: 8,
    preferred: [2, 6],
    delayNs: 10 * SECOND,
    instances: 1,
    fixedNs: 1e6,
    itemNs: 0,
    prefetch: true,
    enforceEqualShape: false,
    wakeNs: 5000,
    pickUpNs: 2000,
    ...rules,
    requests: parse(arrives),
  });
  return executions.map(([startNs, batch]) => `${batch}@${Math.floor(startNs / SECOND)}`).join(' ');
}

describe('golden batching scenarios', () => {
  it.each(GOLDEN)('$what: $arrives', ({ arrives, executes, rules }) => {
    expect(run(arrives, rules ?? {})).toBe(executes);
  });

  const twelve = Array.from({ length: 12 }, (_, i) => `1@${(i * 200e-6).toFixed(6)}`).join(' ');
  const slow = { maxBatchSize: 100, preferred: null, fixedNs: 1e9 };

  it('a delay gathers twelve requests that arrive within it into one or two executions', () => {
    expect(run(twelve, { ...slow, delayNs: 20e6 })).toMatch(/^12@0$|^\d+@0 \d+@1$/);
  });

  it('without a delay the first request leaves alone and the other eleven together', () => {
    expect(run(twelve, { ...slow, delayNs: 0 })).toBe('1@0 11@1');
  });
});
