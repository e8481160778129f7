import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProcessorSharing } from '../../../src/simulator/resources/processor-sharing.js';
import { cases } from '../../support/cases.js';

interface Change {
  readonly afterNs: number;
  /** Positive work starts a job of that weight; 0 adds the weight as background, or takes it away again. */
  readonly work: number;
  readonly weight: number;
}

interface Seen {
  readonly ends: Map<number, number>;
  readonly usedNs: number;
}

/** Every job's work counted down from change to change at the common speed. */
function countedDown(changes: readonly Change[], capacity: number, fullSpeed: number, untilNs: number): Seen {
  const left = new Map<number, number>();
  const ends = new Map<number, number>();
  const background = new Map<number, number>();
  let nowNs = 0;
  let usedNs = 0;
  const advance = (toNs: number): void => {
    while (nowNs < toNs) {
      const running = [...left.keys()].reduce((sum, job) => sum + changes[job]!.weight, 0);
      const total = [...background.values()].reduce((sum, weight) => sum + weight, running);
      const speed = total > 0 ? Math.min(fullSpeed, capacity / total) : 0;
      const first = Math.min(...left.values());
      const stepNs = Math.min(toNs - nowNs, first / speed);
      usedNs += stepNs * Math.min(total, capacity);
      nowNs += stepNs;
      for (const [job, work] of left) {
        if (work - stepNs * speed > 1e-6) left.set(job, work - stepNs * speed);
        else {
          left.delete(job);
          ends.set(job, nowNs);
        }
      }
    }
  };
  let atNs = 0;
  for (const [job, { afterNs, work, weight }] of changes.entries()) {
    atNs += afterNs;
    advance(atNs);
    if (work > 0) left.set(job, work);
    else if (!background.delete(weight)) background.set(weight, weight);
  }
  advance(untilNs);
  return { ends, usedNs };
}

function simulated(changes: readonly Change[], capacity: number, fullSpeed: number, untilNs: number): Seen {
  const sharing = new ProcessorSharing(capacity, fullSpeed);
  const ends = new Map<number, number>();
  const background = new Set<number>();
  const endUntil = (nowNs: number): void => {
    while (sharing.nextNs <= nowNs) {
      const endNs = sharing.nextNs;
      ends.set(sharing.finish(), endNs);
    }
  };
  let atNs = 0;
  for (const [job, { afterNs, work, weight }] of changes.entries()) {
    atNs += afterNs;
    endUntil(atNs);
    if (work > 0) sharing.start(job, work, weight, atNs);
    else {
      const isOver = background.delete(weight);
      if (!isOver) background.add(weight);
      sharing.addBackground(isOver ? -weight : weight, atNs);
    }
  }
  endUntil(untilNs);
  return { ends, usedNs: sharing.usedUntil(untilNs) };
}

const anyChange: fc.Arbitrary<Change> = fc.record({
  afterNs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
  work: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  weight: fc.constantFrom(0.3, 0.5, 1, 1.7, 2),
});

it.each([1, Infinity])(
  'jobs that share a capacity end when counting down their work says so, and use what they weigh (full speed %d)',
  (fullSpeed) => {
    const changes = fc.array(anyChange, { minLength: 1, maxLength: 50 });
    const same = fc.property(changes, fc.constantFrom(0.8, 1, 2, 4), (all, capacity) => {
      const untilNs = 1e8;
      const expected = countedDown(all, capacity, fullSpeed, untilNs);
      const { ends, usedNs } = simulated(all, capacity, fullSpeed, untilNs);
      expect([...ends.keys()].sort()).toEqual([...expected.ends.keys()].sort());
      // Ends are whole nanoseconds: each one that came before may have moved the next by a part of one.
      for (const [job, endNs] of expected.ends)
        expect(Math.abs(ends.get(job)! - endNs)).toBeLessThan(all.length);
      expect(Math.abs(usedNs - expected.usedNs)).toBeLessThan(capacity * all.length);
    });
    fc.assert(same, { numRuns: cases(300) });
  },
);

it('jobs that end at one instant end in the order in which they began', () => {
  const sharing = new ProcessorSharing(1, 1);
  for (let job = 0; job < 40; job++) sharing.start(job, 1000, 1, 0);
  const order: number[] = [];
  while (sharing.nextNs < Infinity) {
    expect(sharing.nextNs).toBe(40_000);
    order.push(sharing.finish());
  }
  expect(order).toEqual(Array.from({ length: 40 }, (_, job) => job));
});
