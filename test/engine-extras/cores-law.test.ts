import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coresLaw, type SharingLaw, streamsLaw } from '../../src/simulator/resources/sharing.js';

/** Speeds of executions of these kinds, in order of their start. */
function speedsOf(law: SharingLaw, kind: readonly number[]): readonly number[] {
  const speeds = new Float64Array(kind.length);
  law({ length: kind.length, kind, fill: kind.map(() => 1) }, speeds);
  return Array.from(speeds);
}

/** Slowdowns between three kinds; the third kind only waits. */
const computes = fc.constantFrom(1.06, 1.2, 1.5, 2);
const slowdowns = fc.tuple(computes, computes, computes, computes).map(([aa, ab, ba, bb]) => [
  [aa, ab, 1],
  [ba, bb, 1],
  [1, 1, 1],
]);
const running = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 9 });
const cores = fc.integer({ min: 1, max: 6 });
const WAITS = 2;

describe('executions on the cores of a host', () => {
  it('slow each other as measured while there are cores for all', () => {
    const law = fc.property(slowdowns, running, (table, kinds) => {
      const busy = kinds.filter((kind) => kind !== WAITS).length;
      const alone = speedsOf(streamsLaw(table), kinds);
      for (const [i, speed] of speedsOf(coresLaw(table, Math.max(1, busy)), kinds).entries())
        expect(speed).toBeCloseTo(alone[i]!, 12);
    });
    fc.assert(law);
  });

  it('together never do more work than the cores can', () => {
    const law = fc.property(slowdowns, running, cores, (table, kinds, count) => {
      const speeds = speedsOf(coresLaw(table, count), kinds);
      const done = speeds.reduce((sum, speed, i) => sum + (kinds[i] === WAITS ? 0 : speed), 0);
      expect(done).toBeLessThanOrEqual(count + 1e-9);
      for (const speed of speeds) {
        expect(speed).toBeGreaterThan(0);
        expect(speed).toBeLessThanOrEqual(1);
      }
    });
    fc.assert(law);
  });

  it('share the cores evenly where they are known to compute, although nothing slowed them', () => {
    const nothing = [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ];
    const law = coresLaw(nothing, 2, [true, true, false]);
    expect(speedsOf(law, [0, 1, WAITS])).toEqual([1, 1, 1]);
    expect(speedsOf(law, [0, 1, 0, WAITS])).toEqual([2 / 3, 2 / 3, 2 / 3, 1]);
    expect(speedsOf(coresLaw(nothing, 2), [0, 1, 0, WAITS])).toEqual([1, 1, 1, 1]);
  });

  it('of one kind get equal speeds, and which started first does not matter', () => {
    const law = fc.property(slowdowns, running, cores, (table, kinds, count) => {
      const forwards = speedsOf(coresLaw(table, count), kinds);
      const backwards = speedsOf(coresLaw(table, count), [...kinds].reverse()).toReversed();
      for (const [i, speed] of forwards.entries()) {
        expect(speed).toBeCloseTo(backwards[i]!, 12);
        expect(speed).toBeCloseTo(forwards[kinds.indexOf(kinds[i]!)]!, 12);
      }
    });
    fc.assert(law);
  });

  it('are no faster for one execution more beside them, and no slower for one core more', () => {
    const law = fc.property(
      slowdowns,
      running,
      cores,
      fc.integer({ min: 0, max: 2 }),
      (table, kinds, count, more) => {
        const speeds = speedsOf(coresLaw(table, count), kinds);
        const fuller = speedsOf(coresLaw(table, count), [...kinds, more]);
        const roomier = speedsOf(coresLaw(table, count + 1), kinds);
        for (const [i, speed] of speeds.entries()) {
          expect(fuller[i]!).toBeLessThanOrEqual(speed + 1e-12);
          expect(roomier[i]!).toBeGreaterThanOrEqual(speed - 1e-12);
        }
      },
    );
    fc.assert(law);
  });

  it.each([
    // Two that compute on one core halve it; what they cost each other side by side they cannot meet there.
    { kinds: [0, 0], count: 1, table: [[1.5]], speeds: [0.5, 0.5] },
    // On two cores each meets the other all the time.
    { kinds: [0, 0], count: 2, table: [[1.5]], speeds: [1 / 1.5, 1 / 1.5] },
    // Three on two cores: two thirds of a core each, and half of the two others beside it.
    { kinds: [0, 0, 0], count: 2, table: [[1.5]], speeds: [2 / 3 / 1.5, 2 / 3 / 1.5, 2 / 3 / 1.5] },
    // One that only waits takes no core and none is taken from it.
    {
      kinds: [0, 1, 1, 1],
      count: 1,
      table: [
        [1.5, 1],
        [1, 1],
      ],
      speeds: [1, 1, 1, 1],
    },
    // A slowdown within the noise of a measurement is not taken for a need of a core.
    { kinds: [0, 0], count: 1, table: [[1.04]], speeds: [1 / 1.04, 1 / 1.04] },
    { kinds: [0], count: 1, table: [[2]], speeds: [1] },
  ])('$kinds on $count core(s) run at $speeds', ({ kinds, count, table, speeds }) => {
    for (const [i, speed] of speedsOf(coresLaw(table, count), kinds).entries())
      expect(speed).toBeCloseTo(speeds[i]!, 12);
  });
});
