import type { EffectName } from '../../src/effects/registry.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { Serving } from '../../src/profile/serving.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { check, profile, scenarioText } from '../scenario/fixtures.js';

/** A server whose threads and network take no time. */
const INSTANT: Serving = {
  batcherWakeUs: 0,
  instanceWakeUs: 0,
  instancePickUpUs: 0,
  timerSlackUs: 0,
  batcherWinsShare: 0,
  requestDelayUs: 0,
  responseDelayUs: 0,
  generatorUs: 0,
};

/** A profile with one effect and no other, and a load under which that is what delays. */
export interface Fixture {
  /** What the effect needs besides itself, such as executions that compute on the host. */
  readonly before?: Partial<ModelProfile>;
  readonly own: Partial<ModelProfile>;
  /** Whether it costs more on a machine that is slower in all. */
  readonly isScaled: boolean;
  /** Whether two models on devices of their own influence each other by it. */
  readonly couples: boolean;
  /** Whether it makes executions or requests vary around their mean. */
  readonly varies?: boolean;
  readonly set?: Setting;
}

interface Setting {
  readonly batching?: string;
  readonly instances?: number;
  readonly onHost?: boolean;
  readonly ratePerS?: number;
  readonly server?: string;
  readonly more?: string;
  /** What the other model gets. */
  readonly beside?: string;
}

const serving = (own: Partial<Serving>, cores?: number): Partial<ModelProfile> => ({
  serving: { ...INSTANT, ...own, ...(cores !== undefined && { cpuCores: cores }) },
});
const COMPUTES = { hostCores: { input: 0, infer: 1, output: 0, response: 0 } };
/** Several requests to an execution. */
const BATCHED = 'max_batch_size: 8, dynamic_batching: {max_queue_delay_microseconds: 50000}';
const CLOSED_LOOP = '{process: {kind: constant, ratePerS: 100}}';

export const FIXTURES: Readonly<Record<EffectName, Fixture>> = {
  'further-requests': {
    own: { perRequest: { inputUs: 20_000 } },
    isScaled: true,
    couples: false,
    set: { batching: BATCHED },
  },
  'service-time-variability': {
    own: { spread: { law: 'lognormal', cv: 0.8 } },
    isScaled: false,
    couples: false,
    varies: true,
  },
  'speed-drift': {
    own: { speedDrift: { cv: 0.5, timeConstantMs: 400 } },
    isScaled: false,
    couples: false,
    varies: true,
  },
  response: {
    own: { response: { fixedUs: 1000, perRequestUs: 2000, perKilobyteUs: 10, releaseUs: 100 } },
    isScaled: true,
    couples: false,
  },
  'front-end': {
    own: { frontEnd: { perRequestUs: 2000, perKilobyteUs: 100, cv: 0.5 } },
    isScaled: true,
    couples: true,
    varies: true,
  },
  'linear-idle-penalty': {
    own: { linearIdlePenalty: { freeMs: 1, msPerIdleMs: 0.1, maxIdleMs: 100 } },
    isScaled: true,
    couples: false,
  },
  'warm-up-state': {
    own: { warmUpState: { timeConstantMs: 50, coldSpeed: 0.3, power: 2 } },
    isScaled: false,
    couples: false,
  },
  'host-cores': {
    own: COMPUTES,
    isScaled: false,
    couples: true,
    set: { onHost: true, instances: 4, ratePerS: 400, server: 'cpuCores: 1' },
  },
  'cold-start': {
    own: { load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 2000 } },
    isScaled: true,
    couples: false,
    set: { more: ', coldStart: true' },
  },
  interference: {
    before: { interference: { self: 1, pairs: [], sensitivity: 0, pressure: 0 } },
    own: { interference: { self: 4, pairs: [{ model: 'b', slowdown: 2 }] } },
    isScaled: false,
    couples: false,
    set: { instances: 2, ratePerS: 150 },
  },
  'thread-wake-ups': {
    before: serving({}),
    own: serving({ batcherWakeUs: 3000, instanceWakeUs: 3000, timerSlackUs: 100, batcherSignalUs: 10 }),
    isScaled: true,
    couples: false,
  },
  'network-delay': {
    before: serving({}),
    own: serving({ requestDelayUs: 3000, responseDelayUs: 3000, clientUs: 500 }),
    isScaled: false,
    couples: false,
  },
  'network-delay-by-rate': {
    before: serving({}),
    own: serving({
      networkDelayByRate: [
        { requestsPerS: 10, requestDelayUs: 5000, responseDelayUs: 5000 },
        { requestsPerS: 1000, requestDelayUs: 0, responseDelayUs: 0 },
      ],
    }),
    isScaled: false,
    couples: true,
  },
  'executions-by-rate': {
    before: serving({}),
    own: serving({
      phasesByRate: [
        { requestsPerS: 10, inputUs: 1000, inferUs: 5000, outputUs: 1000 },
        { requestsPerS: 1000, inputUs: 0, inferUs: 0, outputUs: 0 },
      ],
    }),
    isScaled: true,
    couples: true,
  },
  'request-cpu': {
    before: { ...COMPUTES, ...serving({}, 1) },
    own: serving({ requestCpuUs: 3000, executionCpuUs: 1000, clientCpuUs: 500 }, 1),
    isScaled: true,
    couples: true,
    set: { onHost: true, ratePerS: 60 },
  },
  'thread-waits': {
    before: { ...COMPUTES, ...serving({}, 2) },
    own: serving({ threadWaits: { share: 0.5, longestUs: 50_000 } }, 2),
    isScaled: false,
    couples: true,
    set: { onHost: true, beside: CLOSED_LOOP },
  },
};

/** The profile of model `name` with the effect of a fixture, or without it. */
export function profileOf(
  { before = {}, own, set = {} }: Fixture,
  name: string,
  withIt = true,
): ModelProfile {
  return profile(name, set.onHost === true ? 'CPU' : 'Tesla P4', {
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    ...before,
    ...(withIt && own),
  });
}

/** Two models, each on a device of its own: `a` under a load that meets the effect, and `b`, which hardly gets any. */
export function scenarioOf(
  fixture: Fixture,
  { withIt = true, slowed = (p: ModelProfile) => p } = {},
): Scenario {
  const { batching = 'max_batch_size: 1', instances = 1, onHost = false, ratePerS = 20 } = fixture.set ?? {};
  const { server = '', more = '', beside = '{process: {kind: constant, ratePerS: 1}}' } = fixture.set ?? {};
  const placed = (gpu: number) =>
    onHost
      ? `[{kind: KIND_CPU, count: ${instances}}]`
      : `[{kind: KIND_GPU, gpus: [${gpu}], count: ${instances}}]`;
  const served = (name: string, gpu: number) =>
    `{name: ${name}, config: {${batching}, instance_group: ${placed(gpu)}}${more}}`;
  const sharing = instances > 1 ? ', sharing: {mode: streams}' : '';
  const text = scenarioText({
    devices: onHost
      ? '[]'
      : `[{name: gpu0, kind: Tesla P4${sharing}}, {name: gpu1, kind: Tesla P4${sharing}}]`,
    models: `[${served('a', 0)}, ${served('b', 1)}]`,
    server: `triton: {version: "24.10"${fixture.own.serving === undefined ? ', batcherWakeUs: 0, instancePickUpUs: 0' : ''}}\n    ${server}`,
    tenants: `- {name: a, model: a, load: {process: {kind: poisson, ratePerS: ${ratePerS}}}}
  - {name: b, model: b, load: ${beside}}`,
  }).replace('durationS: 10', 'durationS: 20');
  const files = ['a', 'b'].map((name) => ({
    file: `${name}.profile.json`,
    profile: slowed(profileOf(fixture, name, withIt)),
  }));
  return check(text, { profiles: new Map([['profiles', { value: files }]]) }).scenario;
}
