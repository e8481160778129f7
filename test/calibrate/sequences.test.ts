import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { asMeasured } from '../../src/calibrate/as-measured.js';
import { designExperiments } from '../../src/calibrate/design.js';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { fitService } from '../../src/calibrate/fit/service/service.js';
import { type ComposedModel, liveScenario, type ServedLoad } from '../../src/calibrate/live-scenario.js';
import type { InferenceClient, PreparedRequest, RequestMark } from '../../src/live/inference-client.js';
import { withOwnSequences } from '../../src/live/own-sequences.js';
import type { ModelConfig, SequenceBatching } from '../../src/scenario/model-config.js';
import { config } from '../support/scenario.js';
import { clientOf, counted, observed } from './fit/observed.js';

const DIRECT: SequenceBatching = {
  kind: 'direct',
  maxSequenceIdleUs: 1e6,
  slots: 16,
  maxQueueDelayUs: 0,
  minSlotUtilization: 0,
};
const SPEECH: ModelConfig = { ...config('speech', 16), sequences: DIRECT };

it('requests to a model with sequences have one inference each, and enough of them wait to fill its batches', () => {
  const points = designExperiments([asMeasured(SPEECH)], DEFAULT_DESIGN);
  expect(points.every((point) => !('batchSize' in point) || point.batchSize === 1)).toBe(true);
  expect(points.find(({ kind }) => kind === 'backlog')).toMatchObject({ concurrency: 3 * 16 });
});

it('larger batches of such a model have the times that loads showed', () => {
  const sized = (batchSize: number, us: number) => {
    const { batches, ...rest } = counted('speech', 400, us);
    return { ...rest, batches: [{ ...batches[0]!, batchSize }] };
  };
  const sequential = observed(
    { kind: 'sequential', id: 's', model: 'speech', batchSize: 1 },
    { statistics: [sized(1, 2000)], clients: [clientOf('speech', 2000)] },
  );
  const backlog = observed(
    { kind: 'backlog', id: 'b', model: 'speech', batchSize: 1, concurrency: 48 },
    { statistics: [sized(16, 6000)] },
  );
  const { service } = fitService([sequential, backlog], 'speech', { loadsShowSizes: true });
  expect(service.map(({ batchSize, inferMs }) => [batchSize, inferMs])).toEqual([
    [1, 2],
    [16, 6],
  ]);
});

it('each request to an ensemble or a model with sequences is a sequence of its own, and no other is', () => {
  const sent: [string, RequestMark['sequence']][] = [];
  const client = {
    url: 'there',
    mark: (request: PreparedRequest, mark: RequestMark) => ({ ...request, mark }),
    send: ({ model, mark }: PreparedRequest & { mark?: RequestMark }) => sent.push([model, mark?.sequence]),
  } as unknown as InferenceClient;
  const ensemble = { steps: [] };
  const own = withOwnSequences(client, [SPEECH, config('plain', 4), { ...config('both', 4), ensemble }]);
  const request = (model: string) => ({ model, batchSize: 1, bytes: new Uint8Array() });
  for (const model of ['speech', 'plain', 'both']) own.send(request(model), () => undefined);
  const [first, plain, second] = sent.map(([, sequence]) => sequence);
  expect(plain).toBeUndefined();
  expect([first, second]).toMatchObject([
    { starts: true, ends: true },
    { starts: true, ends: true },
  ]);
  expect(first!.id).not.toBe(second!.id);
  expect(own.url).toBe('there');
});

it('the tenant of an ensemble sends sequences where one of its steps takes them', () => {
  const speech: ServedLoad = { config: SPEECH, json: {}, ratePerS: 50 };
  const listener: ComposedModel = {
    config: { ...config('listener', 16), ensemble: { steps: [] } },
    json: {},
    calls: new Map([['speech', 1]]),
  };
  const { tenants } = parse(liveScenario([speech], { composed: [listener] }));
  expect(tenants).toEqual([
    {
      name: 'listener',
      model: 'listener',
      load: { process: { kind: 'poisson', ratePerS: 5 } },
      sequences: { requests: 10, gapMs: 100 },
    },
  ]);
});
