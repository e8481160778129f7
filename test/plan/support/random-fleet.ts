import { RandomStreams } from '../../../src/base/random.js';
import { executionMs } from '../../../src/plan/screen.js';
import { type PlanSpec, planSpecSchema } from '../../../src/plan/spec.js';
import type { ModelProfile } from '../../../src/profile/profile.js';

export interface FleetOptions {
  readonly tenants: number;
  readonly seed: number;
  /** Default 10. */
  readonly durationS?: number;
  /** Fields of the plan to set instead of the fleet's own. */
  readonly plan?: Readonly<Record<string, unknown>>;
}

export interface Fleet {
  readonly spec: PlanSpec;
  readonly profiles: readonly ModelProfile[];
}

const GPU = 'A100-80GB';
/** Part of a whole GPU that the mean tenant needs in batches of eight: about two tenants to a GPU. */
const MEAN_SHARE = 0.85;
const BATCH = 8;

/**
 * Tenants with a model each on MIG slices of A100s, as in a cluster that isolates its tenants: bundled
 * profiles under new names, rates drawn from a lognormal law, limits 6 to 18 times the time of a batch
 * on the smallest slice, at most two seconds.
 */
export function randomFleet(bundled: readonly ModelProfile[], options: FleetOptions): Fleet {
  const { tenants: count, seed, durationS = 10, plan = {} } = options;
  const slices = bundled.filter(({ device }) => device.startsWith(`${GPU} MIG`));
  const models = [...new Set(slices.map(({ model }) => model))].sort();
  const random = new RandomStreams(seed).get('fleet');
  const profiles: ModelProfile[] = [];
  const tenants = Array.from({ length: count }, (_, i) => {
    const base = models[random.nextInt(models.length)]!;
    const name = `tenant-${i + 1}`;
    const own = slices.filter(({ model }) => model === base);
    profiles.push(...own.map((profile) => ({ ...profile, model: name })));
    const times = own.map((profile) => executionMs(profile, BATCH));
    const share = MEAN_SHARE * Math.exp(0.6 * normal(() => random.next()) - 0.18);
    const limitMs = Math.min(2000, Math.round(Math.max(...times) * (6 + 12 * random.next())));
    return {
      name,
      model: name,
      load: { process: { kind: 'poisson', ratePerS: (BATCH * 1000 * share) / Math.min(...times) } },
      slo: { percentile: 99, limitMs },
    };
  });
  const spec = planSpecSchema.parse({
    plan: 1,
    name: `fleet-${count}`,
    seed,
    durationS,
    profiles: ['profiles'],
    goal: 'gpus',
    machines: [
      {
        name: 'a100',
        gpu: GPU,
        memoryMb: 81_920,
        machine: { kind: GPU, usdPerHour: 5.12 },
        sharing: ['mig'],
      },
    ],
    tenants,
    ...plan,
  });
  return { spec, profiles };
}

/** Box and Muller. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
