import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { fillOf, serviceTime } from '../../src/profile/service-time.js';
import { atTimeError, timeErrorOf } from '../../src/profile/time-error.js';
import { doubtOf } from '../../src/profile/validation.js';
import { parseReport, reportToJson } from '../../src/report/json.js';
import { doubtTables } from '../../src/report/tables/doubt-table.js';
import { reportToText } from '../../src/report/text.js';
import { atTimeErrors, doubtsIn } from '../../src/scenario/time-errors.js';
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
      from: 'measured loads that it was compared with',
    });
  });

  it('is told by points that the fit did not see where nobody held it against loads', () => {
    expect(timeErrorOf(sampleProfile({ fit }))!.from).toBe('measured points that its fit did not see');
  });

  it('is told by the points of a fit that does not give them back, and not by a fit that does', () => {
    const service = sampleProfile().service.map((point) => ({ ...point, relativeError: 0 }));
    const ofFit = (meanErrorPercent: number) => {
      const own = { ...fit, heldOut: 0, meanErrorPercent, maxErrorPercent: 72 };
      const { validation: _, ...profile } = sampleProfile({ service, fit: own });
      return [timeErrorOf(profile)?.from, doubtOf(profile)];
    };
    expect(ofFit(14)).toEqual([
      'measured points that its fit does not give back',
      'its fit gives back the 4 measured points that it was made of within 14 % on average, 72 % at worst',
    ]);
    expect(ofFit(0.1)).toEqual([undefined, undefined]);
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
      doubt: 'reasons',
      overrides: { durationS: 8, warmUpS: 1 },
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
    const models = report.doubt!.models.map((model) => ({ ...model, error: null }));
    const [, , exact] = doubtTables({ ...report.doubt!, models });
    expect(exact!.rows[0]!.at(-1)!.text).toBe('nothing; it counts as exact');
    expect(exact!.notes).toEqual([
      '1 of 1 counts as exact, so the ranges are too narrow.',
      'What would narrow this most: perseus calibrate on the server that will serve.',
    ]);
    const json = reportToJson(report);
    expect(reportToJson(parseReport(json))).toBe(json);
    expect(JSON.parse(json).doubt.tenants).toHaveLength(1);
  });

  it('tells the noise and each reason apart, the one that leaves most open first', async () => {
    const { report } = await runScenario('examples/scenarios/shared-gpu-streams.yaml', {
      doubt: 'reasons',
      overrides: { durationS: 10, warmUpS: 1 },
    });
    for (const { reasons } of report.doubt!.tenants) {
      // Its profiles were measured over HTTP, and its clients speak gRPC.
      expect(reasons.map(({ doubt }) => doubt)).toEqual(['times', 'sharing', 'frontEnd']);
      const widths = reasons.map(({ low, high }) => high! / low);
      expect(widths).toEqual([...widths].sort((a, b) => b - a));
      expect(widths.at(-1)).toBeGreaterThan(1);
    }
    for (const { meanMs, noiseMeanMs, reasons } of report.doubt!.tenants) {
      for (const { low, high } of [noiseMeanMs, ...reasons]) {
        expect(low).toBeGreaterThanOrEqual(meanMs.low);
        expect(high!).toBeLessThanOrEqual(meanMs.high!);
      }
    }
    const [, why, known] = doubtTables(report.doubt!);
    expect(why!.rows.slice(0, 2).map(([tenant, , because]) => [tenant!.text, because!.text])).toEqual([
      ['photos', 'this run is one of many (noise)'],
      ['photos', 'the times of the profiles are not known better'],
    ]);
    expect(known!.rows[0]![2]!.text).toMatch(/^× \d/);
    expect(reportToText(report).replace(/\s+/g, ' ')).toContain(
      'What would narrow this most: perseus calibrate on the server that will serve.',
    );
  });
});

it('tells what a front end takes apart where requests come over another protocol than the profile was measured over', async () => {
  const meansOver = async (protocol: 'grpc' | 'http') => {
    const { scenario } = await loadScenario('examples/scenarios/nvidia-onnx.yaml');
    const servers = scenario.servers.map((each) => ({ ...each, options: { ...each.options, protocol } }));
    return {
      doubts: doubtsIn({ ...scenario, servers }),
      slow: atTimeErrors({ ...scenario, servers }, 'slow'),
    };
  };
  const [same, other] = [await meansOver('http'), await meansOver('grpc')];
  expect(same.doubts).not.toContain('frontEnd');
  expect(other.doubts).toContain('frontEnd');
  const byteUs = ({ slow }: typeof same) =>
    slow.servers[0]!.models[0]!.instances[0]!.profile.frontEnd.perKilobyteUs;
  expect(byteUs(other) / byteUs(same)).toBeCloseTo(3, 6);
});

it('tells what busy slices of one GPU cost each other from larger batches and other reasons', async () => {
  const { report } = await runScenario('examples/scenarios/mig.yaml', {
    doubt: 'reasons',
    overrides: { durationS: 10, warmUpS: 1 },
  });
  for (const { reasons } of report.doubt!.tenants) {
    expect(reasons.map(({ doubt }) => doubt).sort()).toEqual(['neighbours', 'times']);
    const { low, high } = reasons.find(({ doubt }) => doubt === 'neighbours')!;
    expect(high! / low).toBeGreaterThan(1.01);
  }
});

describe('a profile at the end of what is not known of it', () => {
  const service = [1, 2].map((batchSize) => ({
    batchSize,
    inputMs: 1,
    inferMs: 4 + batchSize,
    outputMs: 0,
    executions: 0,
    relativeError: 0,
  }));
  const { fit: _, ...profile } = sampleProfile({ device: 'Tesla T4', service });

  it('gains nothing from batches larger than any that was measured at the slow one', () => {
    expect(serviceTime(profile, 4).inferMs).toBe(8);
    expect(serviceTime(atTimeError(profile, 'slow', ['batches']), 4).inferMs).toBe(12);
    expect(serviceTime(atTimeError(profile, 'fast', ['batches']), 4).inferMs).toBe(8);
  });

  it('takes requests in as slowly, and as fast, as what is known of its front end allows', () => {
    const frontEnd = { perRequestUs: 20, perKilobyteUs: 1, relativeError: Math.log(3) };
    const perKilobyteUs = (end: 'slow' | 'fast', of: ModelProfile['frontEnd']) =>
      atTimeError({ ...profile, frontEnd: of }, end, ['frontEnd']).frontEnd.perKilobyteUs;
    expect(perKilobyteUs('slow', frontEnd)).toBeCloseTo(3, 12);
    expect(perKilobyteUs('fast', frontEnd)).toBeCloseTo(1 / 3, 12);
    const { relativeError: _, ...measured } = frontEnd;
    expect(perKilobyteUs('slow', measured)).toBe(1);
  });

  it('may leave all of a GPU to others where it does not say what it fills', () => {
    expect(fillOf(atTimeError(profile, 'slow', ['sharing']), 1)).toBe(1);
    expect(fillOf(atTimeError(profile, 'fast', ['sharing']), 1)).toBe(0);
    const onCores = { ...profile, device: 'CPU' };
    expect(atTimeError(onCores, 'fast', ['sharing'])).toEqual(onCores);
  });
});
