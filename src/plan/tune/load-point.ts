import { loadTimes } from '../../scenario/load-times.js';
import type { ScenarioSpec } from '../../scenario/spec.js';

/**
 * A load under which settings are tried: the clients of every closed loop, a factor on the rate of
 * every other load, or the load as the scenario has it (neither).
 */
export interface LoadPoint {
  readonly concurrency?: number;
  readonly rateFactor?: number;
}

/** `concurrency 8`, `1.5 × the rate`, or `the load as it is`. */
export function describeLoad({ concurrency, rateFactor = 1 }: LoadPoint): string {
  const parts = [
    ...(concurrency === undefined ? [] : [`concurrency ${concurrency}`]),
    ...(rateFactor === 1 ? [] : [`${rateFactor} × the rate`]),
  ];
  return parts.length === 0 ? 'the load as it is' : parts.join(', ');
}

/** The scenario file under that load: read again, it gives exactly what was tried. */
export function specWithLoad(spec: ScenarioSpec, point: LoadPoint): ScenarioSpec {
  const { concurrency, rateFactor = 1 } = point;
  const tenants = spec.tenants.map((tenant) => {
    const { closedLoop } = tenant.load;
    const load = {
      ...loadTimes(tenant.load, rateFactor),
      ...(closedLoop && {
        closedLoop: concurrency === undefined ? closedLoop : { ...closedLoop, concurrency },
      }),
    };
    return { ...tenant, load };
  });
  return { ...spec, tenants };
}
