import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { frontierPoints } from '../../scripts/seed/frontier-points.js';
import {
  fittedHost,
  type Known,
  knownFrom,
  machineOf,
  serverOf,
  withFigures,
} from '../../scripts/seed/machines.js';
import type { FrontierPoint, MeasuredPass } from '../../scripts/seed/measured.js';
import { constantsOn, nameOfGpus, peaksOf } from '../../scripts/seed/peaks.js';
import { pointsOf, predictTest } from '../../scripts/seed/predict-tests.js';
import type { Fitted } from '../../scripts/seed/profiles.js';
import { readSetups } from '../../scripts/seed/setups.js';
import { IS_SLOW } from '../support/cases.js';

const HOST = 'two GPUs';

/** A made-up folder in which both models are on both GPUs: nothing of it was ever measured. */
function setupsOf(changes: object = {}, test: object = {}) {
  const own = {
    ...JSON.parse(JSON.stringify(readSetups('calibration/seed'))),
    hosts: { [HOST]: { vcpus: 6, backgroundThreads: 0.5, evidence: 'made up' } },
    figures: [
      { gpu: 'Tesla P4', gpus: 1, evidence: 'made up' },
      { gpu: 'Tesla P4', gpus: 2, host: HOST, evidence: 'made up' },
    ],
    tests: [
      {
        test: 90,
        role: 'predict',
        latency: 'predicted',
        clients: [
          { model: 'resnet50', gpus: [0, 1], startS: 0 },
          { model: 'inception-v3', gpus: [0, 1], startS: 0 },
        ],
        instances: 1,
        preferredBatchSizes: [8],
        maxQueueDelayMs: 20000,
        networkDelayMs: 0.1,
        evidence: 'made up',
        ...test,
      },
    ],
    ...changes,
  };
  const folder = mkdtempSync(join(tmpdir(), 'seed-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'setups.json'), JSON.stringify(own));
  return readSetups(folder);
}

const fitted: Fitted = {
  batchCv: 0.001,
  frontEndCv: 0.2,
  linearIdlePenalty: { freeMs: 16, msPerIdleMs: 0, maxIdleMs: 16 },
  models: new Map([
    ['resnet50', { gpuMs: 34, hostMs: 6, frontEndMs: 5 }],
    ['inception-v3', { gpuMs: 45, hostMs: 5, frontEndMs: 9 }],
  ]),
};

function figurePoint(
  gpu: string,
  gpus: number,
  resnet50PerS: number,
  inceptionV3PerS: number,
): FrontierPoint {
  return { gpu, gpus, resnet50PerS, inceptionV3PerS };
}

const PEAKS = [
  figurePoint('Tesla P4', 1, 200, 0),
  figurePoint('Tesla P4', 1, 0, 160),
  figurePoint('Tesla T4', 1, 300, 0),
  figurePoint('Tesla P4', 2, 390, 0),
  figurePoint('Tesla P4', 2, 0, 310),
];

function knownOf(): Known {
  const setups = setupsOf();
  const calibration = readSetups('calibration/seed');
  return knownFrom({ fitted, calibration, setups: withFigures(setups, calibration), peaks: peaksOf(PEAKS) });
}

const known = knownOf();

describe('a folder of tests in which both models are on both GPUs', () => {
  const test = known.setups.tests[0]!;
  const machine = machineOf(test, known);

  it('takes the host that is fitted to what single tenants reach with as many GPUs', () => {
    expect(machine.setups.host.threadsAtFullSpeed).toBe(fittedHost(HOST, known).threadsAtFullSpeed);
    expect(machine.setups.host.threadsAtFullSpeed).not.toBe(known.setups.host.threadsAtFullSpeed);
  });

  it('is predicted, two instances of each model', () => {
    const pass = (model: string, desiredPerS: number): MeasuredPass => ({
      ...{ test: 90, model, pass: 1, requests: 1600, desiredPerS, completedPerS: desiredPerS },
      ...{ p25Ms: 100, p50Ms: 100, p75Ms: 100, p95Ms: 100 },
      ...{ gpu1BusyPercent: 90, gpu2BusyPercent: 90, hostBusyPercent: 90 },
    });
    const passes = [pass('resnet50', 400), pass('inception-v3', 150)];
    const [resnet] = predictTest(test, passes, machine.profiles, machine.setups);
    const points = pointsOf(resnet!, machine.setups);
    expect(points.every(({ sharing }) => sharing === 'gpu')).toBe(true);
    const { predicted } = points.find(({ metric }) => metric === 'throughput')!;
    // More than one GPU has in it, and less than two do without the other model.
    expect(predicted).toBeGreaterThan(200);
    expect(predicted).toBeLessThan(390);
  });

  it('names the client that was not logged', () => {
    expect(() => predictTest(test, [], machine.profiles, machine.setups)).toThrow(
      'test 90 has no passes of resnet50 and inception-v3',
    );
  });

  it('may say one GPU as before, but not both ways at once', () => {
    const clientsOf = (client: object) =>
      setupsOf({}, { clients: [{ model: 'resnet50', startS: 0, ...client }] }).tests[0]!.clients;
    expect(clientsOf({ gpu: 1 })).toMatchObject([{ gpus: [1] }]);
    expect(() => clientsOf({ gpu: 1, gpus: [0] })).toThrow('a client has either gpu or gpus');
    expect(() => clientsOf({})).toThrow('a client has either gpu or gpus');
  });

  it('is refused where it names a host that there is not', () => {
    const elsewhere = { ...known, setups: setupsOf({}, { host: 'nowhere' }) };
    expect(() => machineOf(elsewhere.setups.tests[0]!, elsewhere)).toThrow('there is no host "nowhere"');
  });
});

describe('a line of the figure', () => {
  it.runIf(IS_SLOW)('is predicted for as many GPUs as it has, whoever gave its peaks', () => {
    const [one, two] = frontierPoints(
      [figurePoint('Tesla P4', 1, 100, 90), figurePoint('Tesla P4', 2, 200, 180)],
      known,
    );
    expect(one).toMatchObject({ setup: 'One-P4', sharing: 'gpu' });
    expect(two).toMatchObject({ setup: 'Two-P4', sharing: 'gpu' });
    expect(two!.predicted / one!.predicted).toBeGreaterThan(1.5);
    expect(two!.predicted / one!.predicted).toBeLessThanOrEqual(2.01);
  });

  it('predicts a peak without having seen it', () => {
    const seen = PEAKS.find(({ gpus, resnet50PerS }) => gpus === 2 && resnet50PerS > 0)!;
    const otherwise: Known = {
      ...known,
      peaks: peaksOf(PEAKS.map((point) => (point === seen ? { ...point, resnet50PerS: 380 } : point))),
      hostEstimates: known.hostEstimates.map((each) =>
        each.peak.model === 'resnet50' ? { ...each, threads: 3.1 } : each,
      ),
    };
    const predicted = (by: Known) => frontierPoints([seen], by)[0]!.predicted;
    expect(predicted(otherwise)).toBe(predicted(known));
    const host = (by: Known) => serverOf(seen, by).setups.host.threadsAtFullSpeed;
    expect(host(otherwise)).toBeLessThan(host(known));
  });

  it('has service times that give the peaks of one GPU, on the same kind of GPU by the host part', () => {
    const times = (gpu: string, gpus: number) =>
      [...constantsOn({ gpu, gpus }, fitted, known.peaks).models.values()].map(({ gpuMs, hostMs }) => [
        gpuMs,
        hostMs,
      ]);
    expect(times('Tesla P4', 1)).toEqual([
      [34, 6],
      [45, 5],
    ]);
    expect(times('Tesla P4', 2)).toEqual([
      [34, 6],
      [45, 5],
    ]);
    const [resnet, inception] = times('Tesla T4', 1);
    expect(resnet![0]! + resnet![1]!).toBeCloseTo(8000 / 300, 9);
    // Nothing is known of it there: as much faster as the other model.
    expect(inception![0]! / 45).toBeCloseTo(resnet![0]! / 34, 9);
    expect(() => constantsOn({ gpu: 'Tesla V100', gpus: 1 }, fitted, known.peaks)).toThrow('Tesla V100');
  });

  it('is called as in the paper', () => {
    expect(nameOfGpus({ gpu: 'Tesla T4', gpus: 2 })).toBe('Two-T4');
  });
});
