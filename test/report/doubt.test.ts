import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { timeErrorOf } from '../../src/profile/time-error.js';
import { parseReport, reportToJson } from '../../src/report/json.js';
import { reportToText } from '../../src/report/text.js';
import { sampleProfile } from '../profile/samples.js';

const validation = {
  source: 'somebody',
  points: 5,
  meanErrorPercent: 10,
  worst: { load: 'one client', measuredPerS: 10, predictedPerS: 12 },
};
const fit = { method: 'any', points: 4, heldOut: 2, meanErrorPercent: 4, maxErrorPercent: 8 };

describe('how well the times of a profile are known', () => {
  it('is told by the loads that it was held against before all else', () => {
    expect(timeErrorOf(sampleProfile({ validation, fit }))).toEqual({
      factor: expect.closeTo(Math.exp(1.96 * 0.1 * Math.sqrt(Math.PI / 2)), 12),
      from: 'measured loads that it was held against',
    });
  });

  it('is told by points that the fit did not see where nobody held it against loads', () => {
    expect(timeErrorOf(sampleProfile({ fit }))!.from).toBe('measured points that its fit did not see');
  });

  it('is not told by a profile without any error', () => {
    const service = sampleProfile().service.map((point) => ({ ...point, relativeError: 0 }));
    const { fit: _, validation: __, ...plain } = sampleProfile({ service });
    expect(timeErrorOf(plain)).toBeUndefined();
  });
});

describe('simulate with the doubt of the profiles', () => {
  it('tells from where to where each figure may lie, around the run itself', async () => {
    const { report } = await runScenario('examples/scenarios/one-tenant.yaml', {
      doubt: true,
      overrides: { durationS: 20, warmUpS: 2 },
    });
    const [tenant] = report.summary.tenants;
    const [doubt] = report.doubt!.tenants;
    const { low, high } = doubt!.meanMs;
    expect(low).toBeLessThan(0.9 * tenant!.latencyMs.mean.value);
    expect(high).toBeGreaterThan(1.1 * tenant!.latencyMs.mean.value);
    for (const [i, { percentile, ms }] of tenant!.latencyMs.percentiles.entries()) {
      const range = doubt!.percentilesMs[i]!;
      expect(range.percentile).toBe(percentile);
      expect(range.low).toBeLessThanOrEqual(ms.value);
      expect(range.high).toBeGreaterThanOrEqual(ms.value);
    }
    expect(reportToText(report)).toContain('times known to a factor of');
    const json = reportToJson(report);
    expect(reportToJson(parseReport(json))).toBe(json);
    expect(JSON.parse(json).doubt.tenants).toHaveLength(1);
  });
});
