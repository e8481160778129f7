import { expect, it } from 'vitest';
import { check, problemsOf, scenarioText } from './fixtures.js';

const models = (more = '') =>
  `[{name: resnet, config: {max_batch_size: 8}${more}}, {name: bert, config: {max_batch_size: 8}}]`;

it('models that are loaded when asked for need not all fit into their device', () => {
  const many = Array.from(
    { length: 9 },
    (_, i) => `{name: m${i}, profile: bert, config: {max_batch_size: 8}}`,
  );
  const all = `[{name: resnet, config: {max_batch_size: 8}}, ${many.join(', ')}]`;
  expect(problemsOf(scenarioText({ models: all })).join()).toContain('need 10000 MiB');
  const { scenario } = check(scenarioText({ models: all, server: 'modelCache: {memoryMb: 3000}' }));
  expect(scenario.servers[0]!.modelCache).toEqual({ memoryMb: 3000, loadThreads: 4 });
});

it.each([
  [
    'a model that does not fit',
    scenarioText({ models: models(', memoryMb: 3001'), server: 'modelCache: {memoryMb: 3000}' }),
    '"resnet" needs 3001 MiB, and the models of "main" have 3000 MiB',
  ],
  [
    'the rate limiter beside it',
    scenarioText({
      models: models(),
      server: 'modelCache: {memoryMb: 3000}\n    triton: {rateLimit: execution_count}',
    }),
    'servers[0].modelCache: is given beside the rate limiter',
  ],
  [
    'a change of the server',
    scenarioText({
      models: models(),
      server: 'modelCache: {memoryMb: 3000}',
      top: 'changes: [{atS: 1, do: unloadModel, server: main, model: bert}]',
    }),
    'changes[0].server: "main" loads and unloads its models by itself',
  ],
])('%s is refused', (_, text, message) => {
  expect(problemsOf(text).join('\n')).toContain(message);
});

it('a load time that nobody knows counts as nothing, and is told', () => {
  const { warnings } = check(
    scenarioText({ models: models(', loadMs: 500'), server: 'modelCache: {memoryMb: 3000}' }),
  );
  const of = warnings.filter(({ message }) => message.includes('how long it takes to load'));
  expect(of.map(({ subject }) => subject)).toEqual(['main/bert']);
});
