import { describe, expect, it } from 'vitest';
import type { FitFacts } from '../../../src/calibrate/fit/facts.js';
import { runSteps, type Stage, type Step, stagesOf } from '../../../src/calibrate/fit/stage.js';
import { FIT_STEPS } from '../../../src/calibrate/fit/stages.js';

/** Stages in the order in which they run first. */
function inOrder<Facts>(steps: readonly Step<Facts>[]): Stage<Facts>[] {
  return steps.flatMap((step) => ('refine' in step ? [step.refine, ...step.again] : [step]));
}

describe('the stages of a fit', () => {
  it('need only what is given or what a stage before gives', () => {
    const known = new Set<keyof FitFacts>(['observations', 'configs', 'missing', 'given']);
    for (const { name, needs, gives } of inOrder(FIT_STEPS)) {
      expect(
        needs.filter((need) => !known.has(need)),
        name,
      ).toEqual([]);
      for (const given of gives) known.add(given);
    }
  });

  it('give nothing that nobody needs but the results', () => {
    const results = ['profiles', 'models', 'knownPairs', 'delays', 'shared', 'uncertain', 'unidentified'];
    const stages = inOrder(FIT_STEPS);
    const needed = new Set([...results, ...stages.flatMap(({ needs }) => needs)]);
    expect(stages.flatMap(({ gives }) => gives).filter((given) => !needed.has(given))).toEqual([]);
  });

  it('write the profiles once, after everything that is fitted', () => {
    const writers = inOrder(FIT_STEPS).filter(({ gives }) => gives.includes('profiles'));
    expect(writers.map(({ name }) => name)).toEqual(['profiles']);
  });
});

describe('a step that is repeated', () => {
  interface Facts {
    readonly guess: number;
    readonly square: number;
  }
  const stage = stagesOf<Facts>();
  const square = stage({
    name: 'square',
    needs: ['guess'],
    gives: ['square'],
    run: ({ guess }) => ({ square: guess * guess }),
  });
  const root = (most: number) => [
    square,
    {
      name: 'root of two',
      refine: stage({
        name: 'guess',
        needs: ['guess', 'square'],
        gives: ['guess'],
        run: ({ guess, square: now }) => ({ guess: guess - (now - 2) / (2 * guess) }),
      }),
      again: [square],
      until: (before: Facts, after: Facts) => Math.abs(before.guess - after.guess) < 1e-9,
      most,
    },
  ];

  it('ends when nothing changes any more', () => {
    expect(runSteps<Facts>(root(100), { guess: 1 }).guess).toBeCloseTo(Math.SQRT2, 8);
  });

  it('ends after so many rounds, with what follows from the last', () => {
    expect(runSteps<Facts>(root(1), { guess: 1 })).toEqual({ guess: 1.5, square: 2.25 });
  });
});
