import { describe, expect, it } from 'vitest';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { type Calibrated, nextProbe } from '../../src/calibrate/next-probe.js';
import { sampleProfile } from '../profile/samples.js';
import { config } from '../support/scenario.js';
import { observed } from './fit/observed.js';

const self = observed(
  { kind: 'self', id: 'resnet50/self', model: 'resnet50', batchSize: 1, reloads: true },
  { statistics: [] },
);

/** One model of which all was measured. */
const whole: Calibrated = {
  configs: [config('resnet50', 8)],
  profiles: [sampleProfile()],
  observations: [self],
  leftOut: [],
  design: DEFAULT_DESIGN,
  budgetS: 180,
  inputs: {},
};
const optionsOf = (more: Partial<Calibrated>) => nextProbe({ ...whole, ...more })?.options;

describe('the probe that would tell most', () => {
  it('is none where all was measured', () => {
    expect(nextProbe(whole)).toBeUndefined();
  });

  it('is a second instance where none was measured, which may take twice as long', () => {
    const probe = nextProbe({ ...whole, observations: [] })!;
    expect(probe).toMatchObject({ times: 2, options: ['--allow-load'] });
    expect(probe.what).toContain('a second instance costs (resnet50)');
  });

  it('is a pair of models for which there was no time, in a budget that gives each missing point what others took', () => {
    const leftOut = [{ id: 'resnet50/poisson-75' }, { id: 'resnet50/together-with-bert' }];
    const observations = Array.from({ length: 30 }, () => self);
    const probe = nextProbe({ ...whole, leftOut, observations })!;
    expect(probe).toMatchObject({ times: 2, options: ['--budget 12s'] });
    expect(optionsOf({ leftOut, budgetS: 1 })).toEqual(['--budget 4s']);
    expect(probe.what).toBe('what models cost each other (resnet50/together-with-bert)');
  });

  it('is a larger batch than any measured where that decides more', () => {
    const configs = [config('resnet50', 512)];
    const design = { ...DEFAULT_DESIGN, largestBatch: 8 };
    // 1.3 ms for each inference of the batch of 8, 1.07 ms on the line.
    expect(optionsOf({ configs, design })).toEqual(['--max-batch 512']);
    expect(nextProbe({ ...whole, configs, design })!.times).toBeCloseTo(1.3, 0);
    expect(optionsOf({ configs, design, observations: [] })).toEqual(['--allow-load']);
  });

  it('is before all else what requests really hold, of which nobody knows what it changes', () => {
    const input = { name: 'ids', dataType: 'INT64', dims: [-1], optional: false };
    const configs = [{ ...config('resnet50', 8), inputs: [input] }] as never;
    const probe = nextProbe({ ...whole, configs, observations: [] })!;
    expect(probe).toMatchObject({ options: ['--shape resnet50/ids=DIMENSIONS'], isAnew: true });
    expect(probe.times).toBeUndefined();
  });
});
