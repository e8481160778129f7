import { plainPoint, plainProfile } from '../../../scripts/support/made-scenario.js';
import { checkPlan } from '../../../src/plan/input/check.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { parsePlanSpec } from '../../../src/plan/spec.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import type { Trace } from '../../../src/trace/trace.js';
import { IS_SLOW } from '../../support/cases.js';

/** Of plans that say no other: the quick suite simulates half of what the slow one does. */
const SHORT_S = IS_SLOW ? 6 : 3;

/**
 * A model that takes `fixedMs` for a batch and `perItemMs` more for each inference in it, and `copyMs` for
 * its inputs and again for its outputs.
 */
export function linearProfile(
  model: string,
  device: string,
  {
    fixedMs,
    perItemMs,
    copyMs = 0,
    more = {},
  }: { fixedMs: number; perItemMs: number; copyMs?: number; more?: Partial<ModelProfile> },
): ModelProfile {
  const sizes = [1, 2, 4, 8, 16, 32];
  return plainProfile(model, device, {
    service: sizes.map((batchSize) =>
      plainPoint(batchSize, fixedMs + perItemMs * batchSize, { inputMs: copyMs, outputMs: copyMs }),
    ),
    memory: { modelMb: 0, perInstanceMb: 0, known: false },
    region: { batchSizes: sizes, maxUtilization: 1, maxInstances: 1, sharing: ['exclusive'] },
    fit: { method: 'none', points: 0, heldOut: 0, meanErrorPercent: 0, maxErrorPercent: 0 },
    ...more,
  });
}

export interface SmallTenant {
  readonly model: string;
  readonly ratePerS: number;
  /** Without one nothing is promised. */
  readonly limitMs?: number | undefined;
  /** Default 99. */
  readonly percentile?: number;
}

/** Machines with one GPU each, a kind for each device of the profiles. */
export function machinesFor(profiles: readonly ModelProfile[], more: Record<string, unknown> = {}) {
  const devices = [...new Set(profiles.map(({ device }) => device))];
  return devices.map((gpu, i) => ({
    name: `machine-${i}`,
    gpu,
    memoryMb: 16_000,
    machine: { kind: gpu, usdPerHour: 1 + i * 0.8 },
    limit: 3,
    sharing: ['timeSlices'],
    ...more,
  }));
}

/** A trace of one tenant with requests at these times, in seconds. */
export function traceAt(arrivalsS: readonly number[], durationS: number, more: Partial<Trace> = {}): Trace {
  return {
    tenants: ['all'],
    arrivalUs: Float64Array.from(arrivalsS, (s) => Math.round(s * 1e6)),
    tenant: new Uint16Array(arrivalsS.length),
    durationUs: durationS * 1e6,
    ...more,
  };
}

/** A plan on machines with one GPU each, at the given prices; `traces` by the name of their file. */
export function smallPlan(
  tenants: readonly SmallTenant[],
  profiles: readonly ModelProfile[],
  plan: Record<string, unknown> = {},
  traces: Readonly<Record<string, Trace>> = {},
  isSure = false,
): PlanProblem {
  const document = parsePlanSpec(
    JSON.stringify({
      plan: 1,
      name: 'small',
      durationS: SHORT_S,
      profiles: ['profiles'],
      machines: machinesFor(profiles),
      batching: { maxBatchSizes: [1, 8] },
      mostReplicas: 2,
      tenants: tenants.map(({ model, ratePerS, limitMs, percentile = 99 }) => ({
        name: model,
        model,
        load: { process: { kind: 'poisson', ratePerS } },
        ...(limitMs !== undefined && { slo: { percentile, limitMs } }),
      })),
      ...plan,
    }),
  );
  const files = profiles.map((profile, i) => ({ file: `${i}`, profile }));
  const resources = {
    profiles: new Map([['profiles', { value: files }]]),
    configs: new Map(),
    traces: new Map(Object.entries(traces).map(([file, value]) => [file, { value }])),
  };
  return checkPlan(document, resources, isSure);
}
