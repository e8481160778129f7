import { plainPoint, plainProfile } from '../../scripts/support/made-scenario.js';
import { formatProblem, InputError } from '../../src/base/problem.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { type CheckedScenario, checkScenario } from '../../src/scenario/check.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { buildTrace } from '../../src/trace/build.js';

/** A profile with one service point; memory known. */
export function profile(model: string, device: string, changes: Partial<ModelProfile> = {}): ModelProfile {
  return plainProfile(model, device, {
    service: [plainPoint(1, 2, { inputMs: 0.1, outputMs: 0.1, executions: 100 })],
    response: { fixedUs: 0, perRequestUs: 10, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 10, perKilobyteUs: 0 },
    payload: { requestBytes: 1000, responseBytes: 100 },
    memory: { modelMb: 200, perInstanceMb: 800, known: true },
    region: { batchSizes: [1], maxUtilization: 1, maxInstances: 4, sharing: ['exclusive'] },
    ...changes,
  });
}

const unknownMemory = { memory: { modelMb: 0, perInstanceMb: 0, known: false } };

/** Files of a small world: two models on a P4, one on MIG slices, one on the CPU. */
export const RESOURCES: ScenarioResources = {
  profiles: new Map([
    [
      'profiles',
      {
        value: [
          { file: 'a.profile.json', profile: profile('resnet', 'Tesla P4') },
          { file: 'b.profile.json', profile: profile('bert', 'Tesla P4') },
          { file: 'c.profile.json', profile: profile('resnet', 'A100-80GB MIG 2g.20gb', unknownMemory) },
          { file: 'd.profile.json', profile: profile('resnet', 'CPU') },
        ],
      },
    ],
  ]),
  configs: new Map([
    [
      'resnet.pbtxt',
      {
        value: {
          file: 'models/resnet.pbtxt',
          text: 'max_batch_size: 8 parameters { key: "x" value { string_value: "y" } }',
        },
      },
    ],
    ['broken.pbtxt', { value: { file: 'models/broken.pbtxt', text: 'max_batch_size 8' } }],
  ]),
  traces: new Map([
    [
      'none.csv',
      { value: { tenants: [], arrivalUs: new Float64Array(0), tenant: new Uint16Array(0), durationUs: 0 } },
    ],
    [
      'two.csv',
      {
        value: buildTrace({
          tenants: ['conv', 'code'],
          arrivalUs: [0, 1_000_000, 2_000_000, 5_000_000, 9_000_000],
          tenant: [0, 1, 0, 0, 1],
          batchSize: [1, 1, 2, 4, 1],
          durationUs: 10_000_000,
        }),
      },
    ],
    ['missing.csv', { problems: [{ what: 'there is no such file', remedy: 'check the path' }] }],
  ]),
};

/** A valid scenario of one server and one tenant; parts of it can be replaced or added to. */
export function scenarioText(
  parts: Partial<Record<'top' | 'server' | 'devices' | 'models' | 'tenants', string>> = {},
) {
  return `perseus: 1
name: test
durationS: 10
profiles: [profiles]
${parts.top ?? ''}
servers:
  - name: main
    devices: ${parts.devices ?? '[{name: gpu0, kind: Tesla P4}]'}
    models: ${parts.models ?? '[{name: resnet, config: {max_batch_size: 8, dynamic_batching: {}}}]'}
    ${parts.server ?? ''}
tenants:
  ${parts.tenants ?? '- {name: search, model: resnet, load: {process: {kind: constant, ratePerS: 10}}}'}
`;
}

export function check(text: string, resources: Partial<ScenarioResources> = {}): CheckedScenario {
  return checkScenario(parseScenarioSpec(text, { file: 's.yaml' }), { ...RESOURCES, ...resources });
}

/** The problems of a scenario, as they are printed. */
export function problemsOf(text: string, resources: Partial<ScenarioResources> = {}): string[] {
  try {
    check(text, resources);
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(formatProblem);
    throw error;
  }
}
