import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { connectTriton } from '../../src/live/triton/connect.js';
import { findComposed, measureStreams } from '../../src/node/calibrate/composed-models.js';
import { type MemoryModel, startMemoryTriton } from '../support/memory-triton.js';

it('an ensemble and a stream that refuse zeros are told with other inputs, and with what can do without them; whoever waits hears what is done', async () => {
  const error = () => ({ code: status.INTERNAL, details: 'INPUT0 must be positive' });
  const step = [{ modelName: 'plain', inputMap: { INPUT0: 'INPUT0' }, outputMap: { OUTPUT0: 'OUTPUT0' } }];
  const risk: MemoryModel['config'] = {
    ...{ platform: 'ensemble', instanceGroup: [] },
    schedulingChoice: { case: 'ensembleScheduling', value: { step } },
  };
  const server = await startMemoryTriton({
    models: {
      plain: {},
      risk: { error, config: risk },
      chat: { error, config: { modelTransactionPolicy: { decoupled: true } } },
    },
  });
  const client = connectTriton({ url: server.url });
  const asked = await Promise.all(['plain', 'risk', 'chat'].map((name) => client.modelConfig(name)));
  const refused = (model: string, others: string) => ({
    message: expect.stringContaining('INPUT0 must be positive'),
    remedy: `see the log of the server; INPUT0 held zeros: where the model refuses them, --input ${model}=FILE sends others, or --fill random with another --out; or calibrate the others: --models ${others}`,
  });
  const said: string[] = [];
  const finding = findComposed(client, asked, {}, { onLook: (what) => said.push(what) });
  await expect(finding).rejects.toMatchObject(refused('risk', 'plain,chat'));
  expect(said).toEqual(['plain', 'risk'].map((name) => `finding out which models ${name} calls`));
  const found = { plain: [asked[0]!, asked[2]!], composed: [], uncertain: [] };
  await expect(measureStreams(client, found, {})).rejects.toMatchObject(refused('chat', 'plain'));
  client.close();
  await server.stop();
});
