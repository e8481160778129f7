import { expect, test, vi } from 'vitest';
import { measureAll } from '../../src/calibrate/calibrate.js';
import { DEFAULT_DESIGN, type Experiment } from '../../src/calibrate/experiment.js';
import { liveServer } from '../../src/calibrate/live-server.js';
import { GeneratorBehind } from '../../src/calibrate/measure-part.js';
import type { Observation } from '../../src/calibrate/observation.js';
import { LiveError } from '../../src/live/inference-client.js';
import type { GivenInputs } from '../../src/live/model-inputs.js';
import { config } from '../support/scenario.js';

const POINT_MS = 2000;
const clock = vi.hoisted(() => ({ ms: 0 }));

vi.mock('../../src/calibrate/measure.js', () => ({
  measure: async (experiment: Experiment) => {
    if (experiment.model === 'picky')
      throw new LiveError('server', 'embedding of nothing', 'see the log of the server');
    clock.ms += POINT_MS;
    if (experiment.model === 'usual')
      return { experiment, durationS: 1, clients: [{ completed: 100 }], statistics: [] };
    if (experiment.kind === 'saturated') throw new GeneratorBehind('the load generator fell behind');
    return { experiment, clients: [], statistics: [] };
  },
}));

test('where the generator falls behind at every saturated point, loads at a share of the capacity are left out with the reason', async () => {
  const saved: Observation[] = [];
  const { leftOut, interrupted } = await measureAll({
    server: liveServer({ client: { url: 'elsewhere:8001' } } as never),
    configs: [config('m', 2)],
    design: DEFAULT_DESIGN,
    budgetS: 1000,
    store: {
      read: async () => [],
      save: async (observation) => void saved.push(observation),
      noteChanged: async () => {},
    },
  });
  expect(interrupted).toBe(false);
  expect(saved.map(({ experiment }) => experiment.kind)).toEqual([
    'sequential',
    'sequential',
    'alone',
    'alone',
  ]);
  expect(leftOut).toEqual([
    { id: 'm/saturated-2', reason: 'the load generator fell behind 3 times' },
    { id: 'm/saturated-1', reason: 'the load generator fell behind 3 times' },
    { id: 'm/poisson-60', reason: 'what m can do is not known' },
    { id: 'm/poisson-75', reason: 'what m can do is not known' },
  ]);
});

test('where a model answers its first requests with errors, the remedy says how to send it other inputs', async () => {
  const calibrate = (inputs?: GivenInputs) =>
    measureAll({
      server: liveServer({
        client: {
          url: 'elsewhere:8001',
          isServerReady: async () => true,
          isModelReady: async () => true,
        },
      } as never),
      configs: [
        {
          ...config('picky', 2),
          inputs: [
            { name: 'TEXT', dataType: 'TYPE_FP32', dims: [4], allowRaggedBatch: false, optional: false },
          ],
        },
      ],
      design: DEFAULT_DESIGN,
      budgetS: 1000,
      store: { read: async () => [], save: async () => {}, noteChanged: async () => {} },
      ...(inputs !== undefined && { inputs }),
    }).catch((error: LiveError) => error.remedy);
  expect(await calibrate()).toBe(
    'see the log of the server; TEXT held zeros: where the model refuses them, --input picky=FILE sends others, or --fill random with another --out',
  );
  expect(await calibrate({ fill: 'random' })).toContain('TEXT held random values');
  const given = { values: new Map([['TEXT', new Uint8Array(16)]]), shapes: new Map() };
  expect(await calibrate({ all: given as never })).toBe('see the log of the server');
});

test('where a model fails, the remedy names the others, without those that call it', async () => {
  const composed = [
    { config: config('pipeline', 0), calls: new Map([['usual', 1]]) },
    { config: config('risk', 0), calls: new Map([['picky', 1]]) },
    { config: config('all', 0), calls: new Map([['risk', 1]]) },
  ];
  const calibration = measureAll({
    server: liveServer({
      client: { url: 'elsewhere:8001', isServerReady: async () => true, isModelReady: async () => true },
    } as never),
    ...{ configs: [config('usual', 2), config('picky', 2)], composed, design: DEFAULT_DESIGN, budgetS: 1000 },
    store: { read: async () => [], save: async () => {}, noteChanged: async () => {} },
  });
  await expect(calibration).rejects.toMatchObject({
    remedy: expect.stringMatching(/or calibrate the others: --models usual,pipeline$/),
  });
});

test('where the time does not suffice for all points, those that add least are left out', async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => clock.ms);
  const saved: string[] = [];
  const { leftOut } = await measureAll({
    server: liveServer({ client: { url: 'elsewhere:8001' } } as never),
    configs: [config('usual', 2, {})],
    design: DEFAULT_DESIGN,
    budgetS: (6.2 * POINT_MS) / 1000,
    store: {
      read: async () => [],
      save: async ({ experiment }) => void saved.push(experiment.id.slice('usual/'.length)),
      noteChanged: async () => {},
    },
  });
  vi.restoreAllMocks();
  expect(saved).toEqual([
    'sequential-1',
    'saturated-2',
    'backlog',
    'poisson-60',
    'sequential-2',
    'saturated-1',
  ]);
  expect(leftOut).toEqual([{ id: 'usual/alone' }, { id: 'usual/sparse' }, { id: 'usual/poisson-75' }]);
});
