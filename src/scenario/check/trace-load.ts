import type { Random } from '../../base/random.js';
import type { Trace } from '../../trace/trace.js';
import { scaleRate, scaleTime, selectTenant, sliceTrace } from '../../trace/transform.js';
import type { TraceSpec } from '../spec/tenant-spec.js';
import { suggest } from './findings.js';

interface TakingContext {
  readonly random: Random;
  /** Whether so many requests still fit; where they do not, that is a problem already. */
  readonly mayTake: (requests: number) => boolean;
  readonly addProblem: (key: keyof TraceSpec, what: string, remedy?: string) => void;
}

/**
 * The requests that a tenant takes from a trace: those of one tenant of it, a part of the time,
 * stretched in time, and at a multiple of the rate, in this order. They are then the tenant's own.
 * @throws InputError when a transformation is not possible
 */
export function takeFromTrace(
  trace: Trace,
  tenant: string,
  spec: TraceSpec,
  { random, mayTake, addProblem }: TakingContext,
): Trace | undefined {
  const source = chooseTenant(trace, tenant, spec, addProblem);
  if (source === undefined) return undefined;
  const fromUs = Math.round(spec.fromS * 1e6);
  const toUs = spec.toS === undefined ? Math.max(fromUs, trace.durationUs) : Math.round(spec.toS * 1e6);
  if (fromUs > toUs) {
    addProblem('toS', `${spec.toS} is before fromS ${spec.fromS}`, 'write a later end');
    return undefined;
  }
  const part = sliceTrace(selectTenant(trace, source), { fromUs, toUs });
  if (!mayTake(part.arrivalUs.length * spec.scaleRate)) return undefined;
  const stretched = spec.scaleTime === 1 ? part : scaleTime(part, spec.scaleTime);
  const scaled = spec.scaleRate === 1 ? stretched : scaleRate(stretched, spec.scaleRate, random);
  return { ...scaled, tenants: [tenant], tenant: new Uint16Array(scaled.arrivalUs.length) };
}

function chooseTenant(
  trace: Trace,
  tenant: string,
  spec: TraceSpec,
  addProblem: TakingContext['addProblem'],
): string | undefined {
  const wanted = spec.tenant ?? (trace.tenants.length === 1 ? trace.tenants[0]! : tenant);
  if (trace.tenants.includes(wanted)) return wanted;
  if (trace.arrivalUs.length === 0) {
    addProblem('file', 'the trace has no requests', 'name one that has some, or write a process');
    return undefined;
  }
  addProblem(
    spec.tenant === undefined ? 'file' : 'tenant',
    `the trace has no tenant "${wanted}"`,
    `${spec.tenant === undefined ? 'name one of its tenants under tenant: ' : ''}${suggest(wanted, trace.tenants)}`,
  );
  return undefined;
}
