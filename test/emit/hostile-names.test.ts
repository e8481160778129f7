import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { printable } from '../../src/base/printable.js';
import { InputError, ProblemList } from '../../src/base/problem.js';
import { yamlText } from '../../src/base/yaml-text.js';
import { emitPlacement } from '../../src/emit/emit.js';
import { checkScenario } from '../../src/scenario/check.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { readModelConfigText } from '../../src/scenario/triton/model-config-text.js';
import { RESOURCES, scenarioText } from '../scenario/fixtures.js';
import { cases } from '../support/cases.js';

const HOSTILE = [
  'a\u2028            - --repository-agent-directory=evil',
  'a\u0085- b',
  'a\tb',
  '*',
  '- a',
  '# a',
  'a: b',
  'a #b',
  '"a"',
  "'a'",
  '🐈‍⬛ 猫',
  '\ufeffa',
  'yes',
  'No',
  'null',
  '~',
  '1e3',
  '0x1f',
  '12:30',
  '{a: b}',
  '[a]',
  '&a',
  '!!python/name:os.system',
  '%YAML',
  '---',
  '...',
  '@a',
  '`a`',
  '$(reboot)',
  '..',
  '../a',
  'a..b',
  'a/b',
  'a\\b',
  ' a',
  'a ',
  '\u202ea',
  'a\u00a0b',
  'x'.repeat(200),
  '猫'.repeat(100),
];

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '\u2028',
        '\u2029',
        '\u0085',
        '\t',
        '*',
        '- ',
        '# ',
        ': ',
        '"',
        "'",
        '\\',
        'é',
        'a',
        '\n',
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((parts) => parts.join('')),
);

interface Named {
  readonly model: string;
  readonly server: string;
  readonly tenant: string;
}

const { spec: SPEC } = parseScenarioSpec(scenarioText());
const { scenario: SCENARIO } = checkScenario(parseScenarioSpec(scenarioText()), RESOURCES);

/** What is emitted of the small scenario under other names; undefined where they are refused. */
function emitted({ model, server, tenant }: Named) {
  const [serverSpec] = SPEC!.servers;
  const [served] = SCENARIO.servers[0]!.models;
  try {
    return emitPlacement({
      spec: {
        ...SPEC!,
        servers: [{ ...serverSpec!, name: server, models: [{ ...serverSpec!.models[0]!, name: model }] }],
        tenants: [{ ...SPEC!.tenants[0]!, name: tenant, model }],
      },
      scenario: {
        ...SCENARIO,
        servers: [
          {
            ...SCENARIO.servers[0]!,
            name: server,
            models: [{ ...served!, config: { ...served!.config, name: model } }],
          },
        ],
        tenants: [{ ...SCENARIO.tenants[0]!, name: tenant, model }],
      },
    }).files;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const line of error.message.split('\n')) expect(line).toBe(printable(line));
    return undefined;
  }
}

/** Arguments of the containers and names of the objects in manifests, as one reader sees them. */
interface Seen {
  readonly args: readonly string[];
  readonly names: readonly string[];
}

function seenIn(documents: readonly (Record<string, never> | null)[]): Seen {
  const objects = documents.filter((document) => document !== null) as unknown as {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly template?: { readonly spec: { readonly containers: readonly { args: string[] }[] } };
    };
  }[];
  return {
    args: objects.flatMap(({ spec }) => spec.template?.spec.containers.flatMap(({ args }) => args) ?? []),
    names: objects.map(({ metadata }) => metadata.name),
  };
}

const readBy = (version: '1.1' | '1.2') => (text: string) =>
  parseAllDocuments(text, { version }).map((document) => {
    expect('errors' in document && document.errors).toEqual([]);
    return document.toJS();
  });

/** What PyYAML reads of texts: a list of documents for each. */
function readByPython(texts: readonly string[]): unknown[][] {
  const script =
    'import json, sys, yaml; json.dump([list(yaml.safe_load_all(t)) for t in json.load(sys.stdin)], sys.stdout)';
  const { status, stdout, stderr } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const noPython =
  spawnSync('python3', ['-c', 'import yaml']).status === 0
    ? undefined
    : 'PyYAML is not installed (pip install pyyaml)';
const inPython = noPython === undefined ? '' : ` (skipped: ${noPython})`;

describe('an emitted manifest of hostile names', () => {
  const names = fc.record({ model: hostile, server: hostile, tenant: fc.constant('t') });
  const manifestOf = (named: Named) =>
    emitted(named)?.find(({ path }) => path.startsWith('kubernetes/'))?.text;
  const checkSeen = ({ args, names: objects }: Seen, { model }: Named) => {
    expect(args).toEqual([
      '--model-repository=/models',
      '--model-control-mode=explicit',
      `--load-model=${model}`,
      '--strict-readiness=true',
      '--exit-on-error=true',
    ]);
    for (const name of objects) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  };

  it('has no argument more, whatever version of YAML it is read by', () => {
    fc.assert(
      fc.property(names, (named) => {
        const text = manifestOf(named);
        if (text === undefined) return;
        for (const version of ['1.1', '1.2'] as const) checkSeen(seenIn(readBy(version)(text)), named);
      }),
      { numRuns: cases(300) },
    );
  });

  it.skipIf(noPython)(`is read by PyYAML as it is meant${inPython}`, () => {
    const all = fc.sample(names, 300).concat(HOSTILE.map((model) => ({ model, server: model, tenant: 't' })));
    const read = all.flatMap((named) => {
      const text = manifestOf(named);
      return text === undefined ? [] : [{ named, text }];
    });
    expect(read.length).toBeGreaterThan(20);
    const documents = readByPython(read.map(({ text }) => text)) as Record<string, never>[][];
    for (const [i, { named }] of read.entries()) checkSeen(seenIn(documents[i]!), named);
  });
});

it('a configuration of a hostile name names the model, and lies in the folder of that name', () => {
  fc.assert(
    fc.property(hostile, (model) => {
      const files = emitted({ model, server: 's', tenant: 't' });
      const config = files?.find(({ path }) => path.endsWith('.pbtxt'));
      if (config === undefined) return;
      expect(config.path.split('/')).toEqual(['model-repositories', 's', model, 'config.pbtxt']);
      const read = readModelConfigText(config.text, config.path, new ProblemList());
      expect(read?.fields.name).toBe(model);
    }),
  );
});

describe('YAML of hostile texts', () => {
  it.skipIf(noPython)(`is read by PyYAML as it was${inPython}`, () => {
    // A text with half of a surrogate pair cannot be written as UTF-8 by Python.
    const texts = fc
      .sample(hostile, 500)
      .concat(HOSTILE)
      .filter((text) => !/\p{Cs}/u.test(text));
    const values = texts.map((text) => ({ [text]: [text, { name: text }] }));
    expect(readByPython(values.map((value) => yamlText(value)))).toEqual(values.map((value) => [value]));
  });

  it('stays on the line of its key, whatever a reader takes for the end of a line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(yamlText({ a: text }).split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(2);
      }),
    );
  });
});

describe('names that are emitted', () => {
  const fine = { model: 'm', server: 's', tenant: 't' };

  it.each(HOSTILE.filter((name) => /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(name)))(
    'hold no character that cannot be seen, whether of a model, server or tenant: %j',
    (name) => {
      for (const key of ['model', 'server', 'tenant'])
        expect(emitted({ ...fine, [key]: name })).toBeUndefined();
    },
  );

  it.each([
    ['*', 'loads all models of the repository'],
    ['a..b', '".." is in it'],
    ['../a', 'cannot be the name of a folder'],
    ['猫'.repeat(100), 'is too long for the name of a folder (300 bytes)'],
  ])('are none of a model that Triton takes otherwise: %j', (model, what) => {
    const emit = () => {
      const [serverSpec] = SPEC!.servers;
      const models = [{ ...serverSpec!.models[0]!, name: model }];
      emitPlacement({ spec: { ...SPEC!, servers: [{ ...serverSpec!, models }] }, scenario: SCENARIO });
    };
    expect(emit).toThrow(what);
  });

  it('are all named where several are wrong, with kinds of GPUs that no node can be labelled with', () => {
    const [server] = SPEC!.servers;
    const emit = () =>
      emitPlacement({
        spec: {
          ...SPEC!,
          servers: [
            {
              ...server!,
              name: 'a\u2028b',
              devices: [
                { ...server!.devices[0]!, kind: '猫' },
                { ...server!.devices[0]!, kind: 'A100 MIG ../x' },
              ],
              models: [{ ...server!.models[0]!, name: '*' }],
            },
          ],
          tenants: [{ ...SPEC!.tenants[0]!, name: 'a\u0085b' }],
        },
        scenario: SCENARIO,
      });
    for (const path of [
      'servers[0].name: ',
      'servers[0].devices[0].kind: "猫" cannot be the value of a node',
      'servers[0].devices[1].kind: "../x" is no MIG slice',
      'servers[0].models[0].name: ',
      'tenants[0].name: ',
    ])
      expect(emit).toThrow(path);
  });
});
