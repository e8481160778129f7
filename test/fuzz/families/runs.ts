import { parseProfile } from '../../../src/profile/parse.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { checkScenario } from '../../../src/scenario/check.js';
import type { ScenarioResources } from '../../../src/scenario/resources.js';
import { parseScenarioSpec } from '../../../src/scenario/spec.js';
import { parseTraceCsv } from '../../../src/trace/csv.js';
import type { Trace } from '../../../src/trace/trace.js';
import { simulateAndCheck } from '../check-simulation.js';
import { pick } from '../choose.js';
import { type Family, INPUT_FILE, textFamily } from '../family.js';
import { changeNumbers } from '../mutate-text.js';
import { shippedTexts } from '../samples.js';

/** Files that a scenario names, with other numbers in them: what is accepted must also run. */
export function runFamilies(): readonly Family[] {
  const profiles = shippedTexts('calibration', '.profile.json');
  const sound = resourcesOf(parseProfile(profiles[0]!), CONFIG, parseTraceCsv(soundTrace(0)));
  return [
    textFamily({
      name: 'run-profile',
      generate: (random) => changeNumbers(random, pick(random, profiles)),
      read: (text) => run({ ...sound, profiles: shelve(parseProfile(text, options)) }),
    }),
    textFamily({
      name: 'run-pbtxt',
      generate: (random) => changeNumbers(random, pick(random, CONFIGS)),
      read: (text) => run({ ...sound, configs: configs(text) }),
    }),
    textFamily({
      name: 'run-trace',
      generate: (random) => changeNumbers(random, soundTrace(random.nextInt(4))),
      read: (text) => run({ ...sound, traces: traces(parseTraceCsv(text, { ...options, sort: true })) }),
    }),
  ];
}

const options = { file: INPUT_FILE };

const SCENARIO = `
perseus: 1
name: runs
durationS: 0.2
profiles: [profiles]
servers:
  - name: server
    cpuCores: 2
    network: {requestDelayUs: 10, bandwidthMbps: 1000}
    devices: [{name: gpu0, kind: Tesla T4, memoryMb: 1000000}, {name: gpu1, kind: Tesla T4, memoryMb: 1000000}]
    models:
      - {name: tested, config: config.pbtxt, coldStart: true}
      - {name: other, config: {max_batch_size: 4, dynamic_batching: {}, instance_group: [{count: 1, gpus: [0]}]}}
tenants:
  - {name: replay, model: tested, load: {trace: {file: trace.csv}}, slo: {percentile: 90, limitMs: 20}}
  - {name: capped, model: tested, load: {process: {kind: poisson, ratePerS: 400}, maxInFlight: 3}}
  - {name: closed, model: other, load: {closedLoop: {concurrency: 3, thinkMs: 0.1}}}
`;

const CONFIG = `max_batch_size: 16
dynamic_batching {
  preferred_batch_size: [ 4, 8 ]
  max_queue_delay_microseconds: 2000
  priority_levels: 2
  default_priority_level: 1
  default_queue_policy { timeout_action: REJECT default_timeout_microseconds: 30000 max_queue_size: 20 }
  priority_queue_policy { key: 2 value { timeout_action: DELAY default_timeout_microseconds: 100 } }
}
instance_group [ { count: 2 kind: KIND_GPU gpus: [ 0 ] }, { count: 1 kind: KIND_GPU gpus: [ 1 ] } ]
input { name: "x" data_type: TYPE_FP32 dims: [ -1 ] allow_ragged_batch: true }
`;

const CONFIGS: readonly string[] = [
  CONFIG,
  CONFIG.replace('KIND_GPU gpus: [ 0 ]', 'KIND_CPU'),
  CONFIG.replace('true }', 'false }').replaceAll('REJECT', 'DELAY'),
  'max_batch_size: 8 dynamic_batching { preserve_ordering: true max_queue_delay_microseconds: 500 }',
  'max_batch_size: 8 instance_group [ { count: 3 } ]',
];

function soundTrace(kind: number): string {
  const row = (i: number) =>
    `${i * 2500},${kind === 1 ? 1 : 1 + (i % 8)},${kind === 2 ? 0 : i * 9000},${i % 3},${kind * i}`;
  const rows = Array.from({ length: 40 }, (_, i) => row(i));
  return `arrival_us,batch_size,payload_bytes,priority,timeout_us\n${rows.join('\n')}\n`;
}

function resourcesOf(profile: ModelProfile, config: string, trace: Trace): ScenarioResources {
  return { profiles: shelve(profile), configs: configs(config), traces: traces(trace) };
}

/** The profile as that of the model in question, on a GPU and on the host, and of the one beside it. */
function shelve(profile: ModelProfile): ScenarioResources['profiles'] {
  const tested = { ...profile, model: 'tested', device: 'Tesla T4' };
  const all = [tested, { ...tested, device: 'CPU' }, { ...tested, model: 'other' }];
  const files = all.map((value, i) => ({ file: `${i}.profile.json`, profile: value }));
  return new Map([['profiles', { value: files }]]);
}

function configs(text: string): ScenarioResources['configs'] {
  return new Map([['config.pbtxt', { value: { file: INPUT_FILE, text } }]]);
}

function traces(trace: Trace): ScenarioResources['traces'] {
  return new Map([['trace.csv', { value: trace }]]);
}

function run(resources: ScenarioResources): void {
  const document = parseScenarioSpec(SCENARIO, { file: 'scenario.yaml' });
  simulateAndCheck(checkScenario(document, resources).scenario);
}
