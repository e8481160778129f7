import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedDevice } from '../../../src/simulator/resources/shared-device.js';
import {
  coresLaw,
  LEAST_STREAM_FILL,
  mpsLaw,
  type SharingLaw,
  streamsLaw,
  timeSlicesLaw,
} from '../../../src/simulator/resources/sharing.js';
import { cases } from '../../support/cases.js';

const KINDS = 4;

/** How much longer each of four kinds takes beside each: not the same in both directions. */
const slowdowns = fc.array(
  fc.array(fc.constantFrom(1, 1.03, 1.4, 2, 2.5), { minLength: KINDS, maxLength: KINDS }),
  { minLength: KINDS, maxLength: KINDS },
);
const kindsRunning = fc.array(fc.nat(KINDS - 1), { minLength: 1, maxLength: 6 });

/** Each execution fills the device, unless it is said what share of it. */
function speedsOf(law: SharingLaw, kind: readonly number[], fill = kind.map(() => 1)): number[] {
  const speeds = new Float64Array(8);
  law({ length: kind.length, kind, fill }, speeds);
  return Array.from(speeds.subarray(0, kind.length));
}

/** How many times as long each takes, the excesses of all beside it added up. */
function factors(slowdown: readonly (readonly number[])[], running: readonly number[], met = 1): number[] {
  return running.map((kind, i) =>
    running.reduce((sum, other, j) => sum + (i === j ? 0 : met * (slowdown[kind]![other]! - 1)), 1),
  );
}

function expectClose(speeds: readonly number[], expected: readonly number[]): void {
  expect(speeds.map((speed) => speed.toFixed(9))).toEqual(expected.map((speed) => speed.toFixed(9)));
}

it('streams: every execution is slowed by each one beside it, by as much as the two were measured', () => {
  const law = fc.property(slowdowns, kindsRunning, (slowdown, running) => {
    const speeds = speedsOf(streamsLaw(slowdown), running);
    expectClose(
      speeds,
      factors(slowdown, running).map((factor) => 1 / factor),
    );
  });
  fc.assert(law);
});

const fills = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
const UNMEASURED = Array.from({ length: KINDS }, () => Array.from({ length: KINDS }, () => undefined));

describe('executions whose slowdowns were not measured', () => {
  it('share a device fairly where each fills it', () => {
    for (const count of [1, 2, 3, 5])
      expect(speedsOf(streamsLaw(UNMEASURED), Array(count).fill(1))).toEqual(Array(count).fill(1 / count));
  });

  it('never do more together than the device can, and none is faster than alone', () => {
    const law = fc.property(kindsRunning, fills, (running, all) => {
      const fill = all.slice(0, running.length);
      const speeds = speedsOf(streamsLaw(UNMEASURED), running, fill);
      const done = speeds.reduce((sum, speed, i) => sum + speed * fill[i]!, 0);
      expect(done).toBeLessThanOrEqual(1 + 1e-9);
      for (const speed of speeds) expect(speed).toBeLessThanOrEqual(1);
    });
    fc.assert(law);
  });

  it('hardly feel each other on a device that is far from full, and get its whole rate where many crowd it', () => {
    const [alone, other] = speedsOf(mpsLaw([1, 1, 1, 1]), [0, 1], [0.2, 0.2]);
    expect(alone).toBeCloseTo(0.982, 3);
    expect(other).toBe(alone);
    const crowd = speedsOf(streamsLaw(UNMEASURED), Array(6).fill(0), Array(6).fill(0.9));
    expect(crowd.reduce((sum, speed) => sum + speed * 0.9, 0)).toBeCloseTo(1, 2);
  });

  it("wait for each other's kernel starts in one process, however little of the device they fill", () => {
    const ofTwo = speedsOf(streamsLaw(UNMEASURED), [0, 1], [0.02, 0.2]);
    expectClose(ofTwo, speedsOf(streamsLaw(UNMEASURED), [0, 1], [LEAST_STREAM_FILL, LEAST_STREAM_FILL]));
    expect(ofTwo[0]).toBeCloseTo(1 / 1.233, 3);
    expect(speedsOf(streamsLaw(UNMEASURED), [0], [0.02])).toEqual([1]);
  });

  it('are slowed by what was measured of one beside them, and by what the others fill', () => {
    const slowdown = [
      [undefined, 1.4],
      [1.3, undefined],
    ];
    expectClose(speedsOf(streamsLaw(slowdown), [0, 1, 0]), [1 / 2.4, 1 / 1.6, 1 / 2.4]);
  });
});

it('MPS: a model that fills less than its share of the device does not feel the cap', () => {
  const law = mpsLaw([0.5, 1, 1, 1]);
  expectClose(speedsOf(law, [0], [0.4]), [1]);
  expect(speedsOf(law, [0], [1])[0]).toBe(0.5);
  const one = fc.uniqueArray(fc.nat(KINDS - 1), { minLength: 1, maxLength: KINDS });
  const likeStreams = fc.property(one, fills, (running, all) => {
    const fill = all.slice(0, running.length).map((share) => Math.max(LEAST_STREAM_FILL, share));
    expectClose(
      speedsOf(mpsLaw([1, 1, 1, 1]), running, fill),
      speedsOf(streamsLaw(UNMEASURED), running, fill),
    );
  });
  fc.assert(likeStreams);
});

it('MPS: an execution that fills more than its cap takes as many times as long, without a jump where it begins to', () => {
  const law = mpsLaw([0.5, 1, 1, 1]);
  expectClose(speedsOf(law, [0], [0.51]), [0.5 / 0.51]);
  expectClose(speedsOf(law, [0], [0.75]), [0.5 / 0.75]);
  const step = 1e-6;
  const nearby = fc.property(
    kindsRunning,
    fills,
    fc.double({ min: 0.1, max: 1, noNaN: true }),
    (running, all, cap) => {
      const fill = all.slice(0, running.length);
      const caps = mpsLaw([cap, 0.6, 1, 0.3]);
      const times = (more: number) =>
        speedsOf(
          caps,
          running,
          fill.map((share, i) => (i === 0 ? Math.min(1, share + more) : share)),
        ).map((speed) => 1 / speed);
      const [before, after] = [times(0), times(step)];
      for (const [i, ms] of before.entries()) expect(Math.abs(after[i]! - ms) / ms).toBeLessThan(1e-3);
    },
  );
  fc.assert(nearby);
});

it('cores: as on streams while there are enough; else those that compute share them, and meet as many as there are other cores', () => {
  const computing = fc.array(fc.boolean(), { minLength: KINDS, maxLength: KINDS });
  const law = fc.property(
    slowdowns,
    kindsRunning,
    fc.integer({ min: 1, max: 4 }),
    computing,
    (slowdown, running, cores, needsCore) => {
      const busy = running.filter((kind) => needsCore[kind]).length;
      const speeds = speedsOf(coresLaw(slowdown, cores, needsCore), running);
      if (busy <= cores) {
        expectClose(
          speeds,
          factors(slowdown, running).map((factor) => 1 / factor),
        );
        return;
      }
      const slowed = factors(slowdown, running, (cores - 1) / (busy - 1));
      expectClose(
        speeds,
        running.map((kind, i) => (needsCore[kind] ? cores / busy / slowed[i]! : 1 / slowed[i]!)),
      );
    },
  );
  fc.assert(law, { numRuns: cases(300) });
});

it('time slices: each has its part of the time, less what switching costs where there is somebody to switch to', () => {
  expect(speedsOf(timeSlicesLaw(0.1), [2])).toEqual([1]);
  expectClose(speedsOf(timeSlicesLaw(0.1), [2, 0]), [0.45, 0.45]);
  expectClose(speedsOf(timeSlicesLaw(0.1), [2, 0, 1]), [0.3, 0.3, 0.3]);
});

it('MPS: each kind has its share, which its executions divide, less where those that run have more than all together', () => {
  const law = fc.property(kindsRunning, (running) => {
    const shares = [0.2, 0.4, 0.7, 1];
    const total = [...new Set(running)].reduce((sum, kind) => sum + shares[kind]!, 0);
    const expected = running.map(
      (kind) => shares[kind]! / Math.max(1, total) / running.filter((other) => other === kind).length,
    );
    const mps = mpsLaw(shares);
    expectClose(speedsOf(mps, running), expected);
    // Asked again, it says the same.
    expectClose(speedsOf(mps, running), expected);
  });
  fc.assert(law);
});

it('executions on a device end when their work, counted down at the speeds of the law, is done', () => {
  const anyStart = fc.record({
    afterNs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
    kind: fc.nat(KINDS - 1),
    workNs: fc.integer({ min: 1, max: 9000 }),
  });
  const starts = fc.array(anyStart, { minLength: 1, maxLength: 30 });
  const law = fc.property(slowdowns, starts, (slowdown, all) => {
    const device = new SharedDevice(streamsLaw(slowdown));
    const ends = new Map<number, number>();
    const endUntil = (nowNs: number): void => {
      while (device.nextNs <= nowNs) {
        const endNs = device.nextNs;
        ends.set(device.step(), endNs);
      }
    };
    let nowNs = 0;
    const left: { readonly job: number; workNs: number }[] = [];
    const expected = new Map<number, number>();
    let countedNs = 0;
    const countDown = (toNs: number): void => {
      while (left.length > 0 && countedNs < toNs) {
        const slowed = factors(
          slowdown,
          left.map(({ job }) => all[job]!.kind),
        );
        const speeds = slowed.map((factor) => 1 / factor);
        const stepNs = Math.min(toNs - countedNs, ...left.map(({ workNs }, i) => workNs / speeds[i]!));
        countedNs += stepNs;
        for (const [i, one] of left.entries()) one.workNs -= stepNs * speeds[i]!;
        for (const one of left.filter(({ workNs }) => workNs < 1e-6)) {
          expected.set(one.job, countedNs);
          left.splice(left.indexOf(one), 1);
        }
      }
      if (toNs < Infinity) countedNs = toNs;
    };
    for (const [job, { afterNs, kind, workNs }] of all.entries()) {
      nowNs += afterNs;
      countDown(nowNs);
      left.push({ job, workNs });
      endUntil(nowNs);
      device.start(job, kind, workNs, nowNs, 1);
    }
    countDown(Infinity);
    endUntil(1e12);
    expect(ends.size).toBe(all.length);
    // Each end is rounded to a whole nanosecond, which moves all others by a part of one.
    for (const [job, endNs] of expected)
      expect(Math.abs(ends.get(job)! - endNs)).toBeLessThan(2 * all.length);
  });
  fc.assert(law, { numRuns: cases(200) });
});

it('a law is told what each execution that runs fills, in order of their start', () => {
  const seen: number[][] = [];
  const device = new SharedDevice(({ length, fill }, speeds) => {
    seen.push(Array.from({ length }, (_, i) => fill[i]!));
    for (let i = 0; i < length; i++) speeds[i] = 1 / fill[i]!;
  });
  device.start(0, 0, 100, 0, 1);
  device.start(1, 0, 100, 10, 4);
  device.start(2, 0, 100, 20, 1);
  expect(device.nextNs).toBe(100);
  expect([device.step(), device.step(), device.step()]).toEqual([0, 2, 1]);
  expect(seen).toEqual([[1], [1, 4], [1, 4, 1], [4, 1], [4], []]);
});
