import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkScenario } from '../../src/scenario/check.js';
import { resolveSpec } from '../../src/scenario/resolve-spec.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { check, problemsOf, profile, RESOURCES, scenarioText } from './fixtures.js';

/** Two servers with two GPUs each, and these changes. */
function text(changes: string): string {
  return scenarioText({
    server: 'replicas: 2',
    devices: '[{name: a, kind: Tesla P4}, {name: b, kind: Tesla P4}]',
    models: '[{name: resnet, config: {max_batch_size: 8, instance_group: [{gpus: [0]}]}}]',
    top: `changes: [${changes}]`,
  });
}

describe('changes in the middle of a run', () => {
  it('are resolved to indices, in order of time', () => {
    const { scenario } = check(
      text(
        `{atS: 5, do: removeServer, server: main-1, requestsOnTheWay: refuse},
        {atS: 1, do: addInstances, server: main-1, model: resnet, count: 2, device: b},
        {atS: 2.5, do: removeInstances, server: main-1, model: resnet, device: b},
        {atS: 3, do: removeDevice, server: main-1, device: a},
        {atS: 4, do: addDevice, server: main-1, device: a},
        {atS: 6, do: addServer, server: main-2}`,
      ),
    );
    const { profile } = scenario.servers[0]!.models[0]!.instances[0]!;
    expect(scenario.changes).toEqual([
      {
        atUs: 1e6,
        do: 'addInstances',
        server: 0,
        model: 0,
        instances: [
          { device: 1, profile },
          { device: 1, profile },
        ],
      },
      { atUs: 2.5e6, do: 'removeInstances', server: 0, model: 0, count: 1, device: 1 },
      { atUs: 3e6, do: 'removeDevice', server: 0, device: 0 },
      { atUs: 4e6, do: 'addDevice', server: 0, device: 0 },
      { atUs: 5e6, do: 'removeServer', server: 0, refusesOnTheWay: true },
      { atUs: 6e6, do: 'addServer', server: 1 },
    ]);
  });

  it('are absent from a scenario that has none', () => {
    expect(check(text('')).scenario).not.toHaveProperty('changes');
  });

  it('are in the resolved scenario', () => {
    const document = parseScenarioSpec(text('{atS: 1, do: removeInstances, server: main-2, model: resnet}'));
    const { scenario } = checkScenario(document, RESOURCES);
    const again = parseScenarioSpec(stringify(resolveSpec(document.spec!, scenario)));
    expect(checkScenario(again, { ...RESOURCES, configs: new Map() }).scenario).toEqual(scenario);
    expect(parse(stringify(again.spec!.changes))).toEqual(document.spec!.changes);
  });

  it.each([
    [
      'after the end of the run',
      '{atS: 10, do: addServer, server: main-2}',
      'atS: the run ends at 10 s, before it; write an earlier time, or a longer durationS',
    ],
    [
      'of an unknown server',
      '{atS: 1, do: addServer, server: main}',
      'server: there is no server called "main"; there is "main-1", "main-2"',
    ],
    [
      'of an unknown model',
      '{atS: 1, do: addInstances, server: main-1, model: resnt}',
      'model: there is no model on "main-1" called "resnt"; did you mean "resnet"?',
    ],
    [
      'that kills a process of a backend that has none',
      '{atS: 1, do: killInstances, server: main-1, model: resnet}',
      'model: "resnet" has no process of its own: its backend is not python; remove its server',
    ],
    [
      'of an unknown device',
      '{atS: 1, do: removeDevice, server: main-1, device: c}',
      'device: there is no device of "main-1" called "c"; did you mean "a"?',
    ],
    [
      'that adds what is there',
      '{atS: 1, do: removeServer, server: main-1}, {atS: 2, do: addServer, server: main-1}, {atS: 3, do: addServer, server: main-1}',
      'server: "main-1" is there already at 3 s; remove it before',
      2,
    ],
    [
      'that removes what is not there',
      '{atS: 1, do: removeServer, server: main-1}, {atS: 2, do: removeServer, server: main-1}',
      'server: "main-1" is not there at 2 s; add it before',
      1,
    ],
    [
      'of instances on a server that is not there',
      '{atS: 1, do: removeServer, server: main-1}, {atS: 2, do: addInstances, server: main-1, model: resnet}',
      'server: "main-1" is not there at 2 s; add it before',
      1,
    ],
    [
      'of instances on a device that is not there',
      '{atS: 1, do: removeDevice, server: main-1, device: b}, {atS: 2, do: addInstances, server: main-1, model: resnet, device: b}',
      'device: "b" is not there at 2 s; name another, or add it before',
      1,
    ],
    [
      'of a device that is there',
      '{atS: 1, do: removeDevice, server: main-1, device: b}, {atS: 2, do: removeDevice, server: main-1, device: b}',
      'device: "b" is not there at 2 s; add it before',
      1,
    ],
    [
      'that removes more than there are',
      '{atS: 1, do: removeInstances, server: main-1, model: resnet, count: 2}',
      'count: there are 1 of them at 1 s; write 1 at most',
    ],
    [
      'for which there is no memory',
      '{atS: 1, do: addInstances, server: main-1, model: resnet, count: 9}',
      'count: the models on a need 8200 MiB of its 7611 MiB: resnet 8200 (10 instances); serve fewer models or instances there, or take a larger device',
    ],
    [
      'that is none',
      '{atS: 1, do: explode, server: main-1}',
      'do: is no change; write addInstances, removeInstances, killInstances, addServer, removeServer, addDevice, removeDevice, loadModel, unloadModel or reloadModel',
    ],
  ])('%s are refused with their place and a remedy', (_, changes, problem, place = 0) => {
    expect(problemsOf(text(changes))).toEqual([expect.stringContaining(`changes[${place}].${problem}`)]);
  });

  it('are told with the problems of tenants', () => {
    const problems = problemsOf(
      text('{atS: 1, do: addServer, server: x}').replace('model: resnet, load', 'model: resne, load'),
    );
    expect(problems.length).toBe(2);
  });
});

describe('a process that dies in the middle of a run', () => {
  const python = (changes: string) =>
    text(changes).replace('max_batch_size', 'backend: python, max_batch_size');
  const kill = '{atS: 1, do: killInstances, server: main-1, model: resnet}';
  const unload = '{atS: 5, do: unloadModel, server: main-1, model: resnet}';

  it('keeps its model from being unloaded, until another version is loaded or its server starts anew', () => {
    expect(problemsOf(python(`${kill}, ${unload}`))).toEqual([
      expect.stringContaining('changes[1].model: a process of it is dead'),
    ]);
    const reload = '{atS: 2, do: reloadModel, server: main-1, model: resnet, loadMs: 10}';
    expect(problemsOf(python(`${kill}, ${reload}, ${unload}`))).toEqual([]);
    const anew = '{atS: 2, do: removeServer, server: main-1}, {atS: 3, do: addServer, server: main-1}';
    expect(problemsOf(python(`${kill}, ${anew}, ${unload}`))).toEqual([]);
  });

  it('may be of a model that computes by itself, and not of one that calls others', () => {
    const written = (calls: string) => python(kill).replace('config:', `calls: [${calls}], config:`);
    expect(problemsOf(written('{ownMs: 5}'))).toEqual([]);
    const caller = written('{call: other}').replace(
      'models: [',
      'models: [{name: other, profile: resnet, config: {}}, ',
    );
    expect(problemsOf(caller)).toEqual([
      expect.stringContaining('what becomes of the calls that "resnet" makes is not simulated'),
    ]);
  });

  it('is none of an engine', () => {
    const engine = { prefillMsPerToken: 0.1, kvTokens: 1000 };
    const value = [{ file: 'a.profile.json', profile: profile('resnet', 'Tesla P4', { engine }) }];
    const tokens = 'tokens: {prompt: {mean: 9}, output: {mean: 9}}';
    const scene = python(kill)
      .replace('config:', 'engine: {}, config:')
      .replace('gpus: [0]', '')
      .replace('load:', `${tokens}, load:`);
    expect(problemsOf(scene, { profiles: new Map([['profiles', { value }]]) })).toEqual([
      expect.stringContaining('what becomes of the answers of the engine in "resnet" is not simulated'),
    ]);
  });
});

describe('models that are loaded in the middle of a run', () => {
  it('are ready when the load is over, and need their memory from its beginning on', () => {
    const { scenario } = check(
      text(
        `{atS: 1, do: loadModel, server: main-1, model: resnet, loadMs: 1500},
         {atS: 4, do: unloadModel, server: main-1, model: resnet},
         {atS: 2.6, do: reloadModel, server: main-1, model: resnet, loadMs: 500}`,
      ),
    );
    const what = (scenario.changes ?? []).map(({ atUs, do: does }) => [atUs / 1e6, does]);
    expect(what).toEqual([
      [2.5, 'loadModel'],
      [3.1, 'reloadModel'],
      [4, 'unloadModel'],
    ]);
  });

  it.each([
    [
      'a model that is loaded already',
      '{atS: 2, do: loadModel, server: main-1, model: resnet, loadMs: 1}, {atS: 3, do: loadModel, server: main-1, model: resnet, loadMs: 1}',
      '"resnet" is loaded already at 3 s; write reloadModel',
    ],
    [
      'one that is not',
      '{atS: 2, do: unloadModel, server: main-1, model: resnet}, {atS: 3, do: reloadModel, server: main-1, model: resnet, loadMs: 1}',
      '"resnet" is not loaded at 3 s; load it before',
    ],
    [
      'instances of one that is not',
      '{atS: 2, do: unloadModel, server: main-1, model: resnet}, {atS: 3, do: addInstances, server: main-1, model: resnet}',
      '"resnet" is not loaded at 3 s; load it before',
    ],
    [
      'one that is being loaded',
      '{atS: 2, do: reloadModel, server: main-1, model: resnet, loadMs: 2000}, {atS: 3, do: unloadModel, server: main-1, model: resnet}',
      'the model is being loaded until 4 s; write a later time',
    ],
    [
      'both versions without room for them',
      '{atS: 2, do: addInstances, server: main-1, model: resnet, count: 8}, {atS: 3, do: reloadModel, server: main-1, model: resnet, loadMs: 1}',
      'model: the models on a need 8400 MiB of its 7611 MiB: resnet 1000 (1 instances), resnet 7400 (9 instances)',
    ],
  ])('%s is refused', (_, changes, message) => {
    expect(problemsOf(text(changes)).join('\n')).toContain(message);
  });

  it('that add a server whose models take time to load warn that it is not counted', () => {
    const slow = text('{atS: 1, do: addServer, server: main-2}').replace(
      'name: resnet,',
      'name: resnet, loadMs: 40000,',
    );
    const { warnings } = check(slow);
    expect(warnings.map(({ message }) => message)).toContain(
      'it serves from atS on: the 40 s that its models take to load are not counted; write an atS later by so much',
    );
  });

  it('without a known load time are ready at once, and a warning says so', () => {
    const { warnings } = check(text('{atS: 1, do: reloadModel, server: main-1, model: resnet}'));
    expect(warnings.map(({ message }) => message)).toContain(
      'its profile does not know how long it takes to load: it is ready at once unless loadMs says it',
    );
  });
});
