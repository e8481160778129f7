import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProfiles } from '../../scripts/build-profiles.js';
import { readTable } from '../../scripts/support/source-table.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { serviceTime } from '../../src/profile/service-time.js';
import { timeErrorOf } from '../../src/profile/time-error.js';
import { doubtOf } from '../../src/profile/validation.js';
import type { ProfileFile } from '../../src/scenario/resources.js';
import { IS_SLOW } from '../support/cases.js';

const TABLES = '../shared/data/profiles';

let shipped: readonly ProfileFile[];
beforeAll(async () => {
  shipped = await readProfiles(['calibration']);
});

describe('the shipped profiles', () => {
  it('are all valid, and no model is there twice for one device', () => {
    expect(shipped.length).toBeGreaterThanOrEqual(199);
  });

  it('name their source and licence', () => {
    for (const { profile } of shipped) {
      expect(profile.provenance.source).not.toBe('');
      expect(profile.provenance.licence).not.toBe('');
    }
  });

  it('say how they fared against measured loads, and are in doubt where that was badly', () => {
    const named = (model: string, device: string) =>
      shipped.find(({ profile }) => profile.model === model && profile.device === device)!.profile;
    const { validation } = named('resnet50-onnx-trt-fp16', 'Tesla T4');
    expect(validation?.source).toContain('online tables');
    expect(validation?.worst).toMatchObject({
      load: '32 closed-loop clients on 1 instance',
      measuredPerS: 2050,
    });
    expect(doubtOf(named('resnet50-tensorflow-fp16', 'Tesla T4'))).toContain('1617 were measured');
    expect(doubtOf(named('resnet50-onnx-trt-fp16', 'A100-80GB'))).toContain(
      'the profile for A40 is made in the same way',
    );
    expect(doubtOf(named('bert-large-trt-fp16', 'A100-80GB'))).toContain(
      'profiles of 12 other models are made in the same way',
    );
    expect(named('nnunet-pytorch-fp32', 'V100-32GB').validation?.meanErrorPercent).toBeLessThan(10);
    expect(doubtOf(named('nnunet-pytorch-fp32', 'V100-32GB'))).toBeUndefined();
  });

  it('quote the errors of the page of results, where their table has rows there', () => {
    const rows = readTable('results/nvidia/predicted.csv').filter(
      (row) => row['metric'] === 'throughputPerS',
    );
    const own = shipped.flatMap(({ profile: { model, device, validation } }) => {
      const page = rows.filter(
        (row) => row['device'] === device && row['model'] === model.replace(/-table1$/, ''),
      );
      return page.length === 0 ? [] : { page, validation: validation! };
    });
    expect(own.length).toBeGreaterThan(30);
    for (const { page, validation } of own) {
      const errors = page.map((row) => Math.abs(Number(row['predicted']) / Number(row['measured']) - 1));
      expect(validation.points).toBe(page.length);
      expect(validation.meanErrorPercent).toBeCloseTo(100 * mean(errors), 1);
    }
  });

  it('of the Triton tables all tell how well their times are known', () => {
    const isOfTables = ({ provenance }: ProfileFile['profile']) =>
      provenance.source.endsWith('offline tables');
    const own = shipped.map(({ profile }) => profile).filter(isOfTables);
    expect(own.length).toBeGreaterThan(60);
    expect(own.filter((profile) => timeErrorOf(profile) === undefined)).toEqual([]);
  });

  it('of tables say how little is known of a front end that no fit saw, and of the times that it leaves', () => {
    const named = (device: string) =>
      shipped.find(
        ({ profile }) => profile.model === 'resnet50-tensorflow-fp16' && profile.device === device,
      )!.profile;
    expect(named('V100-32GB').frontEnd.relativeError).toBeUndefined();
    const { frontEnd, service } = named('A100-80GB');
    expect(Math.exp(frontEnd.relativeError!)).toBeCloseTo(3, 2);
    for (const { relativeError } of service) expect(relativeError).toBeGreaterThan(0.2);
  });

  it('cover at least three GPUs and all sizes of A100 slices', () => {
    const devices = new Set(shipped.map(({ profile }) => profile.device));
    const slices = ['1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'].map(
      (mig) => `A100-80GB MIG ${mig}`,
    );
    for (const device of ['Tesla T4', 'V100-32GB', 'A100-80GB', 'A30', 'A40', ...slices])
      expect(devices).toContain(device);
  });

  it('show a larger slice never slower than a smaller one by more than the noise at full load', () => {
    const vgg = (mig: string) =>
      shipped.find(({ profile }) => profile.model === 'vgg16' && profile.device.endsWith(mig))!.profile;
    const times = ['1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'].map(
      (mig) => serviceTime(vgg(mig), 32).inferMs,
    );
    for (let i = 1; i < times.length; i++) expect(times[i]!).toBeLessThan(times[i - 1]!);
  });
});

describe.skipIf(!existsSync(TABLES))('the shipped profiles from public tables (need ../shared)', () => {
  it.runIf(IS_SLOW)(
    'are what the script makes of the tables',
    () => {
      const built = buildProfiles(TABLES);
      expect(built.size).toBe(151);
      for (const [file, text] of built) expect(readFileSync(join('calibration', file), 'utf8')).toBe(text);
    },
    400_000,
  );
});
