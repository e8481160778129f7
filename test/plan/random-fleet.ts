import { RandomStreams } from '../../src/base/random.js';
import { executionMs } from '../../src/plan/screen.js';
import { type PlanSpec, planSpecSchema } from '../../src/plan/spec.js';
import type { ModelProfile } from '../../src/profile/profile.js';

export interface FleetOptions {
  readonly tenants: number;
  readonly seed: number;
  /** Default 10. */
  readonly durationS?: number;
  /** Least limit in times of a batch of eight; the largest is twice that. Default 12. */
  readonly limitInBatches?: number;
  /** Fields of the plan to set instead of the fleet's own. */
  readonly plan?: Readonly<Record<string, unknown>>;
}

export interface Fleet {
  readonly spec: PlanSpec;
  readonly profiles: readonly ModelProfile[];
}

/** Share of the slowest device that the mean tenant needs in batches of eight: about two to a GPU. */
const MEAN_SHARE = 0.55;
const BATCH = 8;

/**
 * Tenants with a model each: bundled profiles under new names, rates drawn from a lognormal law, limits
 * a multiple of the time of a batch. Only profiles that all the given devices have are used; the front
 * ends have threads enough never to limit.
 */
export function randomFleet(bundled: readonly ModelProfile[], options: FleetOptions): Fleet {
  const { tenants: count, seed, durationS = 10, limitInBatches = 12, plan = {} } = options;
  const devices = [...new Set(bundled.map(({ device }) => device))];
  const models = [...new Set(bundled.map(({ model }) => model))]
    .sort()
    .filter((model) => devices.every((device) => bundled.some((p) => p.model === model && p.device === device)));
  const random = new RandomStreams(seed).get('fleet');
  const profiles: ModelProfile[] = [];
  const tenants = Array.from({ length: count }, (_, i) => {
    const base = models[random.nextInt(models.length)]!;
    const name = `tenant-${i + 1}`;
    const own = bundled.filter(({ model, device }) => model === base && devices.includes(device));
    profiles.push(...own.map((profile) => ({ ...profile, model: name })));
    const batchMs = Math.max(...own.map((profile) => executionMs(profile, BATCH)));
    const share = MEAN_SHARE * Math.exp(0.8 * normal(() => random.next()) - 0.32);
    const ratePerS = Math.max(1, (BATCH * 1000 * share) / batchMs);
    const limitMs = Math.max(50, Math.round(batchMs * limitInBatches * (1 + random.next())));
    return {
      name,
      model: name,
      load: { process: { kind: 'poisson', ratePerS } },
      slo: { percentile: 99, limitMs },
    };
  });
  const machines = devices.map((gpu) => ({
    name: gpu.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    gpu,
    machine: { kind: gpu, usdPerHour: PRICES[gpu] ?? 1 },
    triton: { frontEndThreads: 16 },
    sharing: ['timeSlices'],
  }));
  const spec = planSpecSchema.parse({
    plan: 1,
    name: `fleet-${count}`,
    seed,
    durationS,
    profiles: ['profiles'],
    machines,
    tenants,
    ...plan,
  });
  return { spec, profiles };
}

/** On-demand prices per GPU and hour, rounded, of AWS g4dn.xlarge, p3.2xlarge and p4de.24xlarge / 8. */
const PRICES: Readonly<Record<string, number>> = {
  'Tesla T4': 0.53,
  'Tesla V100-32GB': 3.06,
  'A100-80GB': 5.12,
};

/** Box and Muller. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
