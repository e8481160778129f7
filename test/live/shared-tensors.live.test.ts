import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { requestTo } from '../../src/live/model-inputs.js';
import { runLive } from '../../src/live/run-live.js';
import { shareTensors } from '../../src/live/shared-tensors.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { Connection } from '../../src/live/triton/connection.js';
import { ModelInferRequestSchema } from '../../src/live/triton/generated/grpc_service_pb.js';
import { encodeRequest } from '../../src/live/triton/infer-request.js';
import { decode, SERVICE } from '../../src/live/triton/service.js';
import { Outcome } from '../../src/trace/request-log.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

const MODEL = 'echo';
const ELEMENTS = 2 ** 18;
const DURATION_S = 3;

describeLive('tensors in system shared memory', () => {
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({
      models: [{ kind: 'echo', name: MODEL, dims: [ELEMENTS], maxBatchSize: 4 }],
    });
  }, 120_000);

  afterAll(() => triton?.stop({ graceMs: 3000 }));

  /** Of the server, registered now. */
  const regions = async () => (await fetch(`${triton.httpUrl}/v2/systemsharedmemory/status`)).json();

  function connect() {
    const client = connectTriton({ url: triton.url });
    onTestFinished(() => client.close());
    return client;
  }

  it('answers what the inputs in memory hold with nothing but the names of its outputs', async () => {
    const client = connect();
    const connection = new Connection({ url: triton.url });
    onTestFinished(() => connection.close());
    const { config: live } = await client.modelConfig(MODEL);
    const requests = [requestTo(live, 2, () => ({}))];
    const { requests: placed, release } = await shareTensors({ path: 't', client, config: live, requests });
    expect(await regions()).toHaveLength(1);
    const request = decode(ModelInferRequestSchema, encodeRequest(placed[0]!).bytes);
    const { outputs, rawOutputContents } = await connection.call(SERVICE.modelInfer, request);
    expect(outputs.map(({ shape }) => shape.map(Number))).toEqual([[2, ELEMENTS]]);
    expect(rawOutputContents.filter(({ length }) => length > 0)).toEqual([]);
    await release();
    expect(await regions()).toEqual([]);
  });

  it('are played beside those of a tenant that sends them, and the server forgets the region', async () => {
    const client = connect();
    const host = server('s', { models: [{ config: config(MODEL, 4), profile: profile(MODEL, 1, 0.1) }] });
    const load = (name: string) => poisson(name, 20, 20 * DURATION_S);
    const played = scenario(
      [host],
      [
        tenant('sends', MODEL, load('sends')),
        tenant('shares', MODEL, load('shares'), { sharedMemory: 'system' }),
      ],
      DURATION_S,
    );
    const { log } = await runLive(played, { servers: [{ client }], pacer: 'sleep' });
    const outcomesOf = (t: number) => [...log.outcome].filter((_, row) => log.tenant[row] === t);
    for (const outcomes of [0, 1].map(outcomesOf)) {
      expect(outcomes).toContain(Outcome.completed);
      expect(outcomes).not.toContain(Outcome.failed);
    }
    expect(await regions()).toEqual([]);
  });
});
