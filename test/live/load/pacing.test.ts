import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPacer, isOnThisMachine, pacingStep } from '../../../src/live/load/pacing.js';
import { cases } from '../../support/cases.js';

describe('a pacing step', () => {
  it.each([
    // Far away: a timer that ends 2 ms before.
    ['hybrid', 10_000, { wait: 'timer', ms: 8 }],
    ['hybrid', 2_500, { wait: 'timer', ms: 1 }],
    // Near: look at the clock again after one turn of the event loop.
    ['hybrid', 2_000, { wait: 'turn' }],
    ['hybrid', 1, { wait: 'turn' }],
    ['hybrid', -5, { wait: 'turn' }],
    ['hybrid', Infinity, { wait: 'forever' }],
    // Never early: a timer of whole milliseconds that ends at or after the time.
    ['sleep', 10_000, { wait: 'timer', ms: 10 }],
    ['sleep', 1, { wait: 'timer', ms: 1 }],
    ['sleep', 0, { wait: 'turn' }],
    ['sleep', Infinity, { wait: 'forever' }],
  ] as const)('of the %s pacer %d µs before it is due is %o', (kind, untilUs, step) => {
    expect(pacingStep(kind, untilUs)).toEqual(step);
  });

  it('followed until the time has come takes a bounded number of looks, and is not late by more than one timer', () => {
    const property = fc.property(
      fc.constantFrom('hybrid' as const, 'sleep' as const),
      fc.integer({ min: 0, max: 1e8 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (kind, dueUs, lateness) => {
        let nowUs = 0;
        for (let looks = 0; nowUs < dueUs; looks++) {
          expect(looks).toBeLessThan(200);
          const step = pacingStep(kind, dueUs - nowUs);
          // A timer of Node comes up to a millisecond late, a turn of the event loop after some 50 µs.
          const lateUs = 1000 * lateness.next().value!;
          nowUs += step.wait === 'timer' ? step.ms * 1000 + lateUs : 20 + lateUs / 30;
        }
        expect(nowUs - dueUs).toBeLessThanOrEqual(kind === 'hybrid' ? 60 : 2000);
      },
    );
    fc.assert(property, { numRuns: cases(200) });
  });

  it('waits for what is further away than a timer can wait', () => {
    expect(pacingStep('hybrid', 1e16)).toEqual({ wait: 'timer', ms: 1e9 });
  });
});

describe('the pacer for an address', () => {
  it.each([
    'localhost:8001',
    'LOCALHOST',
    'http://localhost:8000/',
    'grpc://127.0.0.1:8001',
    '127.1.2.3:8001',
    '[::1]:8001',
    '::1',
    'unix:/run/triton.sock',
    '0.0.0.0:8001',
  ])('%s on this machine leaves the cores to the server', (url) => {
    expect(isOnThisMachine(url)).toBe(true);
    expect(defaultPacer(['far.example:8001', url])).toBe('worker');
  });

  it.each(['triton:8001', 'localhost.example:8001', '10.127.0.0:8001', 'https://127.example', ''])(
    '%s elsewhere is punctual',
    (url) => {
      expect(isOnThisMachine(url)).toBe(false);
      expect(defaultPacer([url])).toBe('hybrid');
    },
  );
});
