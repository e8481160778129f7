import { describe, expect, it } from 'vitest';
import { type ProfileUse, regionWarnings } from '../../src/profile/region.js';
import type { Serving } from '../../src/profile/serving.js';
import { errorsText } from '../../src/profile/validation.js';
import { sampleProfile } from './samples.js';

const profile = sampleProfile();

function warningsFor(use: ProfileUse, of = profile): readonly string[] {
  return regionWarnings(of, use).map(
    ({ code, message }) => `${code}: ${message.replace('resnet50 on Tesla T4: ', '')}`,
  );
}

describe('a prediction inside the region of its profile', () => {
  it('carries no warning', () => {
    const use = {
      batchSizesUsed: [2, 4, 8],
      utilization: 0.81,
      instances: 2,
      sharing: 'streams',
      coRunners: [{ model: 'bert' }],
    };
    expect(regionWarnings(profile, use)).toEqual([]);
    expect(regionWarnings(profile, {})).toEqual([]);
  });
});

describe('a profile that was held against measured loads', () => {
  const validation = {
    source: 'NVIDIA, online tables',
    points: 5,
    meanErrorPercent: 32.72,
    worst: { load: '32 closed-loop clients on 2 instances', measuredPerS: 2049.6, predictedPerS: 1094.2 },
  };

  it('warns with the measured and the predicted figure, and their source, where it was off by more than 10 %', () => {
    expect(warningsFor({}, sampleProfile({ validation }))).toEqual([
      'doubtful-profile: its throughput is off by 33 % on average over 5 measured loads; for 32 closed-loop clients on 2 instances it predicts 1094 inferences/s where 2050 were measured (NVIDIA, online tables)',
    ]);
    expect(warningsFor({}, sampleProfile({ validation: { ...validation, meanErrorPercent: 10 } }))).toEqual(
      [],
    );
  });

  it('names the device of the measured loads where it is another', () => {
    const [warning] = warningsFor({}, sampleProfile({ validation: { ...validation, device: 'A40' } }));
    expect(warning).toContain(
      'the profile for A40 is made in the same way, whose throughput is off by 33 % on average',
    );
  });
});

it('profiles in use are off in a line: by loads that they were held against, else by the points of their fits', () => {
  const worst = { load: 'one client', measuredPerS: 100, predictedPerS: 150 };
  const validation = { source: 'somebody', points: 30, meanErrorPercent: 10, worst };
  const other = { ...validation, points: 10, meanErrorPercent: 30, worst: { ...worst, predictedPerS: 26 } };
  const fit = { method: 'any', points: 8, heldOut: 4, meanErrorPercent: 4, maxErrorPercent: 9 };
  const { fit: _, ...plain } = sampleProfile();
  expect(errorsText([plain])).toBeUndefined();
  expect(errorsText([{ ...plain, validation, fit }, { ...plain, validation: other }, plain])).toBe(
    'profiles in use are off by 15 % on average and 74 % at worst over 40 measured loads',
  );
  expect(
    errorsText([
      { ...plain, validation },
      { ...plain, fit },
    ]),
  ).toBe(
    'profiles in use are off by 10 % on average and 50 % at worst over 30 measured loads, and by 4 % on average and 9 % at worst over 8 measured points of their fits',
  );
});

describe('a prediction that leaves the region of its profile says so', () => {
  it('names the model and device it is about', () => {
    const [warning] = regionWarnings(profile, { maxBatchSize: 16 });
    expect(warning).toMatchObject({ code: 'extrapolated-batch-size', subject: 'resnet50 on Tesla T4' });
  });

  it('for batches outside and between the measured sizes', () => {
    expect(warningsFor({ maxBatchSize: 64, batchSizesUsed: [1, 2, 3, 5, 6, 7, 9, 10] })).toEqual([
      'extrapolated-batch-size: batches of 1, 9-10 lie outside the measured 2 to 8; their service time is extrapolated on a line',
      'interpolated-batch-size: batches of 3, 5-7 were not measured; their service time is interpolated between 2, 4, 8',
    ]);
  });

  it('for a busier device, more instances and another kind of sharing', () => {
    expect(warningsFor({ utilization: 0.956, instances: 3, sharing: 'mps' })).toEqual([
      'outside-profile-region: something executes on the device 95.6 % of the time, measured up to 80 %',
      'outside-profile-region: 3 instances share the device, measured with at most 2',
      'outside-profile-region: the device is shared by mps, measured under exclusive, streams',
    ]);
  });

  it('for an exclusive device that several models have', () => {
    const use = { sharing: 'exclusive', coRunners: [{ model: 'vgg' }] };
    expect(warningsFor(use)).toEqual([
      'outside-profile-region: exclusive has it and vgg execute side by side as if each were alone, which no device does; streams, timeSlices, mps and MIG share one',
    ]);
    expect(warningsFor({ ...use, coRunners: [] })).toEqual([]);
  });

  it('for a slowdown that nobody measured, where the sharing asks for one', () => {
    const coRunners = [{ model: 'vgg' }, { model: 'bert' }, { model: 'vgg' }];
    expect(warningsFor({ sharing: 'streams', coRunners })).toEqual([
      'assumed-slowdown: its slowdown beside vgg was not measured and is assumed to be 2 (fair halves)',
    ]);
    const alone = sampleProfile({ interference: { pairs: [] } });
    expect(warningsFor({ sharing: 'streams', instances: 2 }, alone)).toEqual([
      'assumed-slowdown: its slowdown beside resnet50 was not measured and is assumed to be 2 (fair halves)',
    ]);
  });

  it('for one that nobody measured on the cores of a host, where it is nothing more than sharing them', () => {
    const cores = { sharing: 'streams', coRunners: [{ model: 'vgg' }], isKnownWhoComputes: true };
    expect(warningsFor(cores)).toEqual([
      'assumed-slowdown: its slowdown beside vgg was not measured and is assumed to be 1 (no more than the cores that they share)',
    ]);
  });

  it('for a spread that is not known', () => {
    expect(warningsFor({}, sampleProfile({ spread: { law: 'none' } }))).toEqual([
      'assumed-parameter: the profile has no spread of service times; every execution takes its mean, so tails come out short',
    ]);
  });

  it('for executions on a host of which nobody measured what they take of its cores', () => {
    const cores = { input: 0, infer: 0, output: 0, response: 0 };
    const onHost = sampleProfile({ model: 'resnet50', device: 'CPU', hostCores: cores });
    const said = (of: typeof profile) => warningsFor({}, of).join(' ');
    expect(said(onHost)).toContain(
      "does not say what its executions take of the host's cores; none is counted",
    );
    expect(said({ ...onHost, hostCores: { ...cores, infer: 1 } })).not.toContain('cores');
    expect(said({ ...onHost, device: 'Tesla T4' })).not.toContain('cores');
    // Where calibrate measured the server's own processor time, none is an answer.
    expect(said({ ...onHost, serving: { requestCpuUs: 500 } as Serving })).not.toContain('cores');
  });
});

it('says what an unmeasured slowdown follows from, where the profile has what the device works', () => {
  const service = [
    {
      batchSize: 1,
      inputMs: 0,
      inferMs: 2,
      outputMs: 0,
      deviceMs: 0.5,
      deviceMsError: 0.4,
      executions: 0,
      relativeError: 0,
    },
    {
      batchSize: 8,
      inputMs: 0,
      inferMs: 4,
      outputMs: 0,
      deviceMs: 4,
      deviceMsError: 0.1,
      executions: 0,
      relativeError: 0,
    },
  ];
  const known = { ...profile, service, region: { ...profile.region, batchSizes: [1, 8] } };
  const [warning] = regionWarnings(known, { sharing: 'streams', coRunners: [{ model: 'vgg' }] });
  expect(warning!.message).toContain(
    'its slowdown beside vgg was not measured; it follows from what an execution fills of the device, 25 to 100 % (known to 40 %)',
  );
});
