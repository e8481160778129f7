import { execFileSync } from 'node:child_process';
import { exponential } from '../src/base/distributions.js';
import { RandomStreams } from '../src/base/random.js';
import { withSequenceFlags } from '../src/scenario/check/sequences.js';
import type { Ensemble } from '../src/scenario/composition.js';
import type { SequenceBatching } from '../src/scenario/model-config.js';
import type { Scenario, Tenant } from '../src/scenario/scenario.js';
import type { ComponentResult } from '../src/simulator/component-result.js';
import { partition } from '../src/simulator/partition.js';
import { simulateComponent } from '../src/simulator/simulate.js';
import type { Trace } from '../src/trace/trace.js';
import { config, profile, scenario, server, tenant } from '../test/support/scenario.js';

/*
 * `npm run bench:event-loop`: how fast ensembles, sequences and a response cache are simulated, by CPU time of one thread.
 */

interface EventLoopCase {
  readonly name: string;
  readonly build: () => Scenario;
  /** What is counted. */
  readonly count: (result: ComponentResult) => number;
  readonly unit: string;
}

/** With fewer, most of the time is what V8 spends on compiling. */
const REQUESTS = 2_000_000;
const REPEATS = 5;

/** Poisson arrivals; sequences of 20 requests, so many at a time, where `open` says how many. */
function requestsOf(ratePerS: number, open?: number): Trace {
  const random = new RandomStreams('bench').get('arrivals');
  let atUs = 0;
  const arrivalUs = Float64Array.from({ length: REQUESTS }, () => {
    atUs += exponential(random, 1e6 / ratePerS);
    return Math.round(atUs);
  });
  const plain = { tenants: ['t'], arrivalUs, tenant: new Uint16Array(REQUESTS), durationUs: atUs + 1 };
  if (open === undefined) return plain;
  const sequenceId = Float64Array.from(
    arrivalUs,
    (_, i) => 1 + (i % open) + open * Math.floor(i / open / 20),
  );
  return withSequenceFlags({ ...plain, sequenceId });
}

function toModel(model: number, trace: Trace, more: Partial<Tenant> = {}): Tenant {
  return tenant('t', 'm', { mode: 'open', trace }, { targets: [{ server: 0, model }], ...more });
}

function lasting(of: Scenario): Scenario {
  const [{ load }] = of.tenants as readonly [Tenant];
  if (load.mode === 'closed') throw new Error('the load is open');
  return { ...of, durationUs: load.trace.durationUs + 10e6 };
}

/** Three models with a batcher each, on a device each, at 0.7 of what they could do. */
function ensembleOfThree(): Scenario {
  const step = (model: number) => ({ model, needs: [model], gives: [model + 1] });
  const ensemble: Ensemble = {
    steps: [step(0), step(1), step(2)],
    inputs: 1,
    tensors: 4,
    outputs: new Map([['OUT', 3]]),
  };
  const models = ['before', 'net', 'after'].map((name, device) => ({
    config: config(name, 8, { preferredBatchSizes: [8] }),
    // As those of any model that was measured, its times vary.
    profile: profile(name, 2, 0.25, { spread: { law: 'gamma', cv: 0.1 } }),
    instances: 2,
    device,
  }));
  const front = { config: config('e', 8), profile: profile('e', 0, 0), instances: 0, more: { ensemble } };
  const place = server('s', { devices: 3, models: [...models, front], wakeUs: 5, pickUpUs: 2 });
  return lasting(scenario([place], [toModel(3, requestsOf(2800))], 1));
}

/** Of 256 sequences at a time. */
function sequences(sequencing: SequenceBatching): Scenario {
  const model = {
    config: { ...config('m', sequencing.kind === 'direct' ? 256 : 64), sequences: sequencing },
    profile: profile('m', 2, 0.25),
  };
  const place = server('s', { models: [model], wakeUs: 5, pickUpUs: 2 });
  return lasting(scenario([place], [toModel(0, requestsOf(2000, 256))], 1));
}

const SLOTS = { slots: 256, maxSequenceIdleUs: 1e9, maxQueueDelayUs: 0 };

/** Almost every request has its answer in the cache. */
function cacheHits(): Scenario {
  const model = { config: { ...config('m', 8, {}), responseCache: true }, profile: profile('m', 2, 0.25) };
  const cache = { bytes: 1e9, lookUpUs: 2, copyPerKilobyteUs: 0.1, hashPerKilobyteUs: 1 };
  const place = server('s', { models: [model], wakeUs: 5, pickUpUs: 2 });
  const contents = { objects: 1000, exponent: 1 };
  return lasting(
    scenario(
      [{ ...place, options: { ...place.options, cache } }],
      [toModel(0, requestsOf(20_000), { contents })],
      1,
    ),
  );
}

const CASES: readonly EventLoopCase[] = [
  {
    name: 'ensemble of three, each with a batcher',
    build: ensembleOfThree,
    count: ({ requests }) => requests.length - REQUESTS,
    unit: 'calls',
  },
  {
    name: 'sequences, direct, 256 slots',
    build: () => sequences({ ...SLOTS, kind: 'direct', minSlotUtilization: 0 }),
    count: ({ requests }) => requests.length,
    unit: 'requests',
  },
  {
    name: 'sequences, oldest, 256 slots',
    build: () => sequences({ ...SLOTS, kind: 'oldest', preferredBatchSizes: [64] }),
    count: ({ requests }) => requests.length,
    unit: 'requests',
  },
  {
    name: 'response cache',
    build: cacheHits,
    count: ({ counts }) => counts[0]!.cache!.hits,
    unit: 'hits',
  },
];

function measure({ name, build, count, unit }: EventLoopCase): void {
  const of = build();
  const [component] = partition(of);
  const rates = Array.from({ length: REPEATS }, () => {
    const before = process.cpuUsage();
    const result = simulateComponent(of, component!);
    const { user, system } = process.cpuUsage(before);
    return count(result) / (user + system);
  }).sort((a, b) => a - b);
  const [low, middle, high] = [rates[0]!, rates[REPEATS >> 1]!, rates.at(-1)!].map((each) => each.toFixed(2));
  process.stdout.write(`${name}: ${middle} million ${unit} a CPU second (${low} to ${high})\n`);
}

const [, file, asked] = process.argv;
if (asked !== undefined) measure(CASES[Number(asked)]!);
// Each in a process of its own: what one has V8 compile is not the best for the next.
else
  for (const index of CASES.keys())
    execFileSync(process.execPath, ['--import', 'tsx', file!, `${index}`], { stdio: 'inherit' });
