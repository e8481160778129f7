import { loadTimes } from '../../scenario/load-times.js';
import type { LoadSpec, TenantSpec } from '../../scenario/spec/tenant-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { meanRatePerS } from '../../trace/synthesis/mean-rate.js';

type Process = NonNullable<LoadSpec['process']>;

/** How the arrivals of a tenant lie in time: of a process, of closed-loop clients, or those of a tenant of a trace. */
export type Shape =
  | { readonly kind: Process['kind'] | 'closedLoop' }
  | { readonly kind: 'trace'; readonly file: string; readonly tenant?: string };

/** A property of a shape that a slider is for. */
export interface Knob {
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Shapes that the page makes. `others` are shown where a scenario has them. */
export const MADE_SHAPES = {
  poisson: 'Poisson',
  gamma: 'bursts (gamma gaps)',
  diurnal: 'time of day',
} as const;

export type MadeShape = keyof typeof MADE_SHAPES;

export const SHAPE_NAMES: Readonly<Record<Exclude<Shape['kind'], 'trace'>, string>> = {
  ...MADE_SHAPES,
  constant: 'even gaps',
  weibull: 'Weibull gaps',
  mmpp: 'switching rates',
  bursty: 'bursts and calm',
  onOff: 'on and off',
  flashCrowd: 'flash crowd',
  ramp: 'ramp',
  counts: 'counts of time bins',
  closedLoop: 'clients that wait for their answers',
};

/** What gaps of bursts are at first: clearly more than Poisson's 1. */
const FIRST_CV = 3;
const FIRST_AMPLITUDE = 0.8;

export function shapeOf({ process, trace }: LoadSpec): Shape {
  if (trace !== undefined)
    return { kind: 'trace', file: trace.file, ...(trace.tenant !== undefined && { tenant: trace.tenant }) };
  return { kind: process?.kind ?? 'closedLoop' };
}

/** The scenario in which one tenant's arrivals are of another shape, at the same mean rate. */
export function withShape(spec: ScenarioSpec, index: number, shape: Shape, ratePerS: number): ScenarioSpec {
  return withLoad(spec, index, ({ process: _, trace: __, closedLoop: ___, ...rest }) => ({
    ...rest,
    ...arrivalsOf(shape, Number(ratePerS.toPrecision(3)), spec.durationS ?? 1),
  }));
}

function arrivalsOf(shape: Shape, ratePerS: number, durationS: number): Partial<LoadSpec> {
  switch (shape.kind) {
    case 'trace': {
      const { file, tenant } = shape;
      return {
        trace: { file, ...(tenant !== undefined && { tenant }), fromS: 0, scaleTime: 1, scaleRate: 1 },
      };
    }
    case 'gamma':
      return { process: { kind: 'gamma', ratePerS, cv: FIRST_CV } };
    case 'diurnal': {
      // A day in the length of the run, busiest in its middle.
      const day = { periodS: durationS, peakAtS: durationS / 2 };
      return { process: { kind: 'diurnal', meanRatePerS: ratePerS, amplitude: FIRST_AMPLITUDE, ...day } };
    }
    default:
      return { process: { kind: 'poisson', ratePerS } };
  }
}

/** What else can be turned of a tenant's arrivals. */
export function knobOf({ process }: LoadSpec): Knob | undefined {
  if (process?.kind === 'gamma')
    return { name: 'variation of the gaps (Poisson: 1)', value: process.cv, min: 0.1, max: 10, step: 0.1 };
  if (process?.kind === 'diurnal')
    return { name: 'day against night', value: process.amplitude, min: 0, max: 1, step: 0.05 };
  return undefined;
}

export function withKnob(spec: ScenarioSpec, index: number, value: number): ScenarioSpec {
  return withLoad(spec, index, (load) => {
    const { process } = load;
    if (process?.kind === 'gamma') return { ...load, process: { ...process, cv: value } };
    if (process?.kind === 'diurnal') return { ...load, process: { ...process, amplitude: value } };
    return load;
  });
}

function withLoad(spec: ScenarioSpec, index: number, change: (load: LoadSpec) => LoadSpec): ScenarioSpec {
  const tenants = spec.tenants.map((tenant, i) =>
    i === index ? { ...tenant, load: change(tenant.load) } : tenant,
  );
  return { ...spec, tenants };
}

/** What a slider of a tenant's load is of: requests per second, closed-loop clients, or times what its trace has. */
export interface LoadAmount {
  readonly unit: 'requests/s' | 'clients' | 'times the trace';
  readonly value: number;
}

export function loadAmount({ load }: TenantSpec, durationS: number): LoadAmount {
  if (load.closedLoop !== undefined) return { unit: 'clients', value: load.closedLoop.concurrency };
  if (load.trace !== undefined) return { unit: 'times the trace', value: load.trace.scaleRate };
  return { unit: 'requests/s', value: meanRatePerS(load.process!, durationS) };
}

/** So many clients, and at least one more or less: a step of a slider is less than a client where there are few. */
export function wholeClients(present: number, wanted: number): number {
  const rounded = Math.round(wanted);
  return Math.max(1, rounded === present ? present + Math.sign(wanted - present) : rounded);
}

export function withLoadAmount(spec: ScenarioSpec, index: number, amount: number): ScenarioSpec {
  const tenant = spec.tenants[index]!;
  const factor = amount / loadAmount(tenant, spec.durationS ?? 1).value;
  if (!(factor > 0)) return spec;
  return withLoad(spec, index, (load) => loadTimes(load, factor));
}
