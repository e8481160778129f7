import type { ModelProfile } from '../../src/profile/profile.js';
import type { Serving } from '../../src/profile/serving.js';

/** A profile with one effect less, to see what the effect is worth. */
export interface Variant {
  readonly name: string;
  readonly change: (profile: ModelProfile) => ModelProfile;
}

/** The model as it is, the simplest one that could work, and every effect left out by itself. */
export const VARIANTS: readonly Variant[] = [
  { name: 'full', change: (profile) => profile },
  { name: 'minimal: service, its variability, pairs, network delay, batching', change: minimal },
  { name: 'without the idle penalty', change: without('linearIdlePenalty', 'warmUpState') },
  { name: 'without service-speed drift', change: without('speedDrift') },
  {
    name: 'without rates: phases and network delay',
    change: withoutServing('phasesByRate', 'networkDelayByRate'),
  },
  { name: 'without waits for threads', change: withoutServing('threadWaits') },
  {
    name: 'without core time of requests and executions',
    change: withoutServing('requestCpuUs', 'executionCpuUs', 'clientCpuUs'),
  },
  { name: 'without further requests of an execution', change: without('perRequest') },
  { name: 'without wake-up order', change: withServing({ batcherWinsShare: 0 }) },
  {
    name: 'without pairs and a second instance',
    change: (profile) => ({ ...profile, interference: { pairs: [], self: 1 } }),
  },
];

/** What is scored beside live runs. */
export const SCORED: readonly Variant[] = [
  { name: 'perseus', change: VARIANTS[0]!.change },
  { name: 'minimal model', change: minimal },
  { name: 'mean service and one delay', change: bare },
];

function minimal(profile: ModelProfile): ModelProfile {
  const bare = without('linearIdlePenalty', 'warmUpState', 'speedDrift', 'perRequest')(profile);
  const { serving } = bare;
  const threads = withoutServing(
    ...(['phasesByRate', 'networkDelayByRate', 'threadWaits', 'requestCpuUs'] as const),
    ...(['executionCpuUs', 'clientCpuUs', 'cpuCores', 'batcherSignalUs'] as const),
  )(bare).serving;
  return {
    ...bare,
    hostCores: { input: 0, infer: 0, output: 0, response: 0 },
    ...(serving !== undefined && { serving: { ...threads!, batcherWinsShare: 0 } }),
  };
}

/** What a table of mean service times tells, and nothing else. */
function bare(profile: ModelProfile): ModelProfile {
  const { response, frontEnd, ...left } = minimal(profile);
  return {
    ...left,
    spread: { law: 'none' },
    interference: { pairs: [] },
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
  };
}

function without(...fields: readonly (keyof ModelProfile)[]): Variant['change'] {
  return (profile) => leftOut(profile, fields) as ModelProfile;
}

function withoutServing(...fields: readonly (keyof Serving)[]): Variant['change'] {
  return ({ serving, ...profile }) =>
    serving === undefined ? profile : { ...profile, serving: leftOut(serving, fields) as Serving };
}

function withServing(parts: Partial<Serving>): Variant['change'] {
  return ({ serving, ...profile }) =>
    serving === undefined ? profile : { ...profile, serving: { ...serving, ...parts } };
}

function leftOut<T extends object>(whole: T, fields: readonly (keyof T)[]): object {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !fields.includes(key as keyof T)));
}
