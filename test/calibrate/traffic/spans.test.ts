import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coveredNs,
  lengthNs,
  mostAtOnce,
  type Span,
  union,
} from '../../../src/calibrate/traffic/busy-time.js';
import { coRunning } from '../../../src/calibrate/traffic/co-running.js';

/** Short enough to be counted nanosecond by nanosecond. */
const END_NS = 30;
const MOMENTS = Array.from({ length: END_NS }, (_, ns) => ns);

const span = fc
  .tuple(fc.nat(END_NS), fc.nat(END_NS))
  .map(([a, b]): Span => ({ fromNs: Math.min(a, b), toNs: Math.max(a, b) }));
const spans = fc.array(span, { maxLength: 8 });
const holds = ({ fromNs, toNs }: Span, ns: number) => fromNs <= ns && ns < toNs;
const countAt = (all: readonly Span[], ns: number) => all.filter((each) => holds(each, ns)).length;

describe('spans of time, nanosecond by nanosecond', () => {
  it('are joined into spans apart from each other that hold the same moments', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const joined = union(all);
        for (const ns of MOMENTS) expect(countAt(joined, ns)).toBe(Math.min(1, countAt(all, ns)));
        for (const [i, { fromNs }] of joined.slice(1).entries())
          expect(fromNs).toBeGreaterThan(joined[i]!.toNs);
        expect(lengthNs(joined)).toBe(MOMENTS.filter((ns) => countAt(all, ns) > 0).length);
      }),
    );
  });

  it('hold a moment as often as the most of them do, where one that ends does not meet one that begins', () => {
    fc.assert(
      fc.property(spans, (all) => {
        expect(mostAtOnce(all)).toBe(Math.max(...MOMENTS.map((ns) => countAt(all, ns))));
      }),
    );
  });

  it('are covered by others for as long as both hold', () => {
    fc.assert(
      fc.property(spans, spans, (all, others) => {
        const cover = union(others);
        const covered = MOMENTS.reduce((sum, ns) => sum + countAt(all, ns) * countAt(cover, ns), 0);
        expect(coveredNs(all, cover)).toBe(covered);
      }),
    );
  });
});

it('an execution is in the states in which others ran beside it, each for its nanoseconds', () => {
  const kinds = 3;
  const execution = fc.record({ span, kind: fc.nat(kinds - 1) });
  fc.assert(
    fc.property(fc.array(execution, { maxLength: 8 }), (all) => {
      const { states, times } = coRunning(
        all.map(({ span: { fromNs, toNs }, kind }) => ({ inputEndNs: fromNs, outputStartNs: toNs, kind })),
        kinds,
      );
      expect(new Set(states.map(String)).size).toBe(states.length);
      for (const [i, own] of all.entries()) {
        const expected = new Map<string, number>();
        for (const ns of MOMENTS.filter((each) => holds(own.span, each))) {
          const others = all.filter((other) => other !== own && holds(other.span, ns));
          const state = Array.from(
            { length: kinds },
            (_, kind) => others.filter((other) => other.kind === kind).length,
          );
          expected.set(String(state), (expected.get(String(state)) ?? 0) + 1);
        }
        expect(new Map(times[i]!.map(({ state, ns }) => [String(states[state]), ns]))).toEqual(expected);
      }
    }),
  );
});
