import { describe, expect, it } from 'vitest';
import { normal } from '../../../src/base/distributions.js';
import { RandomStreams } from '../../../src/base/random.js';
import { compareProfiles } from '../../../src/calibrate/drift/drift.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { point, sampleProfile } from '../../profile/samples.js';

const stored = sampleProfile();

/** The stored profile with its inference times multiplied, and another relative error. */
function observed(factor: number, relativeError: number): ModelProfile {
  return sampleProfile({
    service: stored.service.map((each) => ({
      ...each,
      inputMs: each.inputMs * factor,
      inferMs: each.inferMs * factor,
      outputMs: each.outputMs * factor,
      relativeError,
    })),
  });
}

describe('drift of service times', () => {
  it('is within when the change is small and known well', () => {
    const report = compareProfiles(stored, observed(1.02, 0.01));
    expect(report.verdict).toBe('within');
    expect(report.points.map(({ changePercent }) => changePercent)).toEqual(
      [2, 2, 2].map((percent) => expect.closeTo(percent, 6)),
    );
  });

  it('has drifted when the change is beyond the tolerance and no chance', () => {
    expect(compareProfiles(stored, observed(1.2, 0.02)).verdict).toBe('drifted');
    expect(compareProfiles(stored, observed(0.8, 0.02)).verdict).toBe('drifted');
    expect(compareProfiles(stored, observed(1.2, 0.02), { tolerancePercent: 30 }).verdict).toBe('within');
  });

  it('is too few to tell when the interval is wider than the change, or unknown', () => {
    expect(compareProfiles(stored, observed(1.2, 0.3)).verdict).toBe('too few');
    expect(compareProfiles(stored, observed(1.0, 0.3)).verdict).toBe('too few');
    expect(compareProfiles(stored, observed(2, 0)).verdict).toBe('too few');
  });

  it('one drifted size is enough, and its interval is shown', () => {
    const service = [...stored.service.slice(0, 2), { ...point(8, 0.8, 20, 0.3), relativeError: 0.01 }];
    const report = compareProfiles(stored, sampleProfile({ service }));
    expect(report.points.map(({ verdict }) => verdict)).toEqual(['within', 'within', 'drifted']);
    const last = report.points[2]!;
    expect(last.lowPercent).toBeLessThan(last.changePercent);
    expect(last.highPercent).toBeGreaterThan(last.changePercent);
    expect(report.verdict).toBe('drifted');
  });

  it('what pauses may cost is no drift: how many there were nobody recorded', () => {
    const pausing = { ...stored, warmUpState: { timeConstantMs: 1e6, coldSpeed: 1 / 1.3 } };
    const change = (factor: number) =>
      compareProfiles(pausing, observed(factor, 0.005)).points[0]!.changePercent;
    expect(change(0.9)).toBeCloseTo(-10, 6);
    expect(change(1)).toBeCloseTo(0, 6);
    expect(change(1.15)).toBeCloseTo(0, 6);
    expect(change(1.5)).toBeGreaterThan(14);
    const { storedMs, storedPausedMs } = compareProfiles(pausing, observed(1, 0.005)).points[0]!;
    expect(storedPausedMs).toBeGreaterThan(1.15 * storedMs);
  });

  it('counts what further requests add to a stored execution', () => {
    const withRequests = { ...stored, perRequest: { inputUs: 500 } };
    const single = compareProfiles(withRequests, observed(1, 0.01), { requestBatch: 8 });
    const many = compareProfiles(withRequests, observed(1, 0.01), { requestBatch: 1 });
    expect(single.points[2]!.changePercent).toBeCloseTo(0, 6);
    expect(many.points[2]!.storedMs - single.points[2]!.storedMs).toBeCloseTo(3.5, 6);
  });

  it('a response that one source counts within the output phase and the other after it is no drift', () => {
    const sendMs = 0.08;
    const response = { fixedUs: 0, perRequestUs: 80, perKilobyteUs: 0 };
    const within = stored.service.map((each) => ({
      ...each,
      outputMs: each.outputMs + sendMs * each.batchSize,
      relativeError: 0.001,
    }));
    const traffic = sampleProfile({ service: within, response: { ...response, perRequestUs: 0 } });
    const { points } = compareProfiles(sampleProfile({ response }), traffic);
    expect(points.map(({ changePercent }) => changePercent)).toEqual(points.map(() => expect.closeTo(0, 6)));
  });

  it('sizes that the stored profile was not measured at are shown, and judge nothing', () => {
    const service = [{ ...point(1, 0.1, 9, 0.1), relativeError: 0.01 }, ...observed(1, 0.01).service];
    const larger = { ...point(16, 1, 90, 1), relativeError: 0.01 };
    const report = compareProfiles(stored, sampleProfile({ service: [...service, larger] }));
    expect(report.points.map(({ verdict }) => verdict)).toEqual([
      'not stored',
      'within',
      'within',
      'within',
      'not stored',
    ]);
    expect(report.verdict).toBe('within');
    expect(compareProfiles(stored, sampleProfile({ service: [larger] })).verdict).toBe('too few');
  });

  it('cries wolf in at most one report of twenty where nothing has changed', () => {
    const random = new RandomStreams('drift').get('reports');
    const relativeError = 0.06;
    const sizes = Array.from({ length: 16 }, (_, i) => i + 1);
    const truth = sampleProfile({
      service: sizes.map((size) => ({ ...point(size, 0, 4 + size, 0), relativeError: 0 })),
    });
    let alarms = 0;
    const reports = 1000;
    for (let report = 0; report < reports; report++) {
      const service = truth.service.map((each) => {
        const inferMs = each.inferMs * (1 + normal(random, 0, relativeError / 1.96));
        return { ...each, inferMs, relativeError: (relativeError * each.inferMs) / inferMs };
      });
      if (compareProfiles(truth, sampleProfile({ service })).verdict === 'drifted') alarms++;
    }
    expect(alarms / reports).toBeLessThan(0.06);
  });
});
