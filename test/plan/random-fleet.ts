import { RandomStreams } from '../../src/base/random.js';
import { executionMs } from '../../src/plan/screen.js';
import { type PlanSpec, planSpecSchema } from '../../src/plan/spec.js';
import type { ModelProfile } from '../../src/profile/profile.js';

export interface FleetOptions {
  readonly tenants: number;
  readonly seed: number;
  readonly durationS?: number;
  /** Fields of the plan to set instead of the fleet's own. */
  readonly plan?: Readonly<Record<string, unknown>>;
}

export interface Fleet {
  readonly spec: PlanSpec;
  readonly profiles: readonly ModelProfile[];
}

/** Busy share of a T4 that the mean tenant needs in batches of eight: two tenants to a GPU. */
const MEAN_SHARE = 0.45;
const LIM = Number(process.env.LIM ?? 4);

/**
 * Tenants with a model each, as alike as cloud models are: bundled profiles under new names, rates
 * drawn from a lognormal law, limits a multiple of the time of one inference.
 */
export function randomFleet(bundled: readonly ModelProfile[], options: FleetOptions): Fleet {
  const { tenants: count, seed, durationS = 20, plan = {} } = options;
  const models = [...new Set(bundled.map(({ model }) => model))].sort();
  const devices = [...new Set(bundled.map(({ device }) => device))];
  const everywhere = models.filter((model) =>
    devices.every((device) => bundled.some((one) => one.model === model && one.device === device)),
  );
  const random = new RandomStreams(seed).get('fleet');
  const profiles: ModelProfile[] = [];
  const tenants = Array.from({ length: count }, (_, i) => {
    const base = everywhere[random.nextInt(everywhere.length)]!;
    const name = `tenant-${i + 1}`;
    const own = bundled.filter(({ model }) => model === base);
    profiles.push(...own.map((profile) => ({ ...profile, model: name })));
    const slowest = own.reduce((a, b) => (executionMs(b, 1) > executionMs(a, 1) ? b : a));
    const share = MEAN_SHARE * Math.exp(0.8 * normal(() => random.next()) - 0.32);
    const limitMs = Math.max(50, executionMs(slowest, 8) * (LIM + LIM * random.next()));
    return {
      name,
      model: name,
      load: {
        process: { kind: 'poisson', ratePerS: Math.max(0.5, (8000 * share) / executionMs(slowest, 8)) },
      },
      slo: { percentile: 99, limitMs: Math.round(limitMs) },
    };
  });
  const spec = planSpecSchema.parse({
    plan: 1,
    name: `fleet-${count}`,
    seed,
    durationS,
    profiles: ['profiles'],
    machines: devices.map((gpu) => ({
      name: gpu.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      gpu,
      machine: { kind: gpu, usdPerHour: PRICES[gpu] ?? 1 },
      sharing: ['exclusive', 'timeSlices'],
    })),
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
