import { expect, test } from 'vitest';
import { LiveError, type LiveModelConfig } from '../../src/live/inference-client.js';
import { giveModelBack, isAsFound } from '../../src/live/reload-model.js';
import { fakeClient } from './load/fake-client.js';

/** A server that tells the parameters of its model in another order each time, as Triton does. */
function serving(refuses: (configJson?: string) => boolean = () => false) {
  const loads: (string | undefined)[] = [];
  let answers = 0;
  const client = fakeClient(() => undefined, {
    isModelReady: async () => true,
    modelConfig: async () => {
      const parameters = answers++ % 2 === 0 ? { a: '1', b: '2' } : { b: '2', a: '1' };
      return { json: { name: 'm', parameters } } as Partial<LiveModelConfig> as LiveModelConfig;
    },
    unloadModel: async () => undefined,
    repositoryIndex: async () => [],
    loadModel: async (_, { configJson } = {}) => {
      loads.push(configJson);
      if (refuses(configJson)) throw new LiveError('server', 'cannot be loaded', 'see the log');
    },
  });
  return { client, loads };
}

test('a configuration is the same in whatever order its parameters come', async () => {
  const { client } = serving();
  const found = { name: 'm', json: { name: 'm', parameters: { a: '1', b: '2' } } };
  expect([await isAsFound(client, found), await isAsFound(client, found)]).toEqual([true, true]);
  const other = { name: 'm', json: { name: 'm', parameters: { a: '1', b: '3' } } };
  expect(await isAsFound(client, other)).toBe(false);
});

test('a model whose file gives the configuration in which it was found is given back from its file', async () => {
  const { client, loads } = serving();
  await giveModelBack(client, { name: 'm', json: { name: 'm', parameters: { b: '2', a: '1' } } });
  expect(loads).toEqual([undefined]);
});

test('a model whose file cannot be loaded any more gets the configuration in which it was found', async () => {
  const { client, loads } = serving((configJson) => configJson === undefined);
  const json = { name: 'm', parameters: { a: '1', b: '2' } };
  await giveModelBack(client, { name: 'm', json });
  expect(loads).toEqual([undefined, JSON.stringify(json)]);
});
