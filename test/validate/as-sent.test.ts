import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { asSent } from '../../src/validate/as-sent.js';
import { threeTenants } from './runs.js';

const scenario = threeTenants();
const { log: onTime } = simulate(scenario);

/** A live run of the same plan whose generator sent every request so much later. */
function sentLater(log: RequestLog, us: (row: number) => number): RequestLog {
  return { ...log, sentUs: log.plannedUs.map((planned, row) => planned + us(row)) };
}

const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

describe('a run that was sent on time', () => {
  it('is simulated as it was planned', () => {
    const { scenario: sent, fromPlan } = asSent(scenario, onTime);
    expect(fromPlan(simulate(sent).log)).toEqual(onTime);
  });
});

describe('a run that was sent late', () => {
  const late = sentLater(onTime, () => 700);
  const { scenario: sent, fromPlan } = asSent(scenario, late);
  const { log } = simulate(sent);

  it('reaches the simulated server when it was sent', () => {
    const arrivals = sent.tenants.flatMap(({ load }) =>
      load.mode === 'open' ? [...load.trace.arrivalUs] : [],
    );
    const planned = scenario.tenants.flatMap(({ load }) =>
      load.mode === 'open' ? [...load.trace.arrivalUs] : [],
    );
    expect(arrivals).toHaveLength(planned.length);
    expect(arrivals.filter((us, i) => us === planned[i]! + 700).length).toBeGreaterThan(0.9 * planned.length);
  });

  it('counts what the generator was late by into the latency', () => {
    const counted = fromPlan(log);
    expect(sumOf(log.sentUs) - sumOf(counted.plannedUs)).toBeCloseTo(700 * log.sentUs.length, 0);
    expect(counted.endedUs).toEqual(log.endedUs);
  });
});

it('a tenant whose requests did not leave in the order of the plan stays as it was planned', () => {
  const jumbled = sentLater(onTime, (row) => (row % 2) * 1e6);
  expect(asSent(scenario, jumbled).scenario.tenants).toEqual(scenario.tenants);
});

it('a tenant who waits for answers stays as it was planned', () => {
  const tenants = scenario.tenants.map((tenant) => {
    if (tenant.load.mode !== 'open') return tenant;
    const { trace } = tenant.load;
    const load = {
      mode: 'capped',
      trace,
      maxInFlight: 4,
      latencyFrom: 'planned',
      pacing: 'schedule',
    } as const;
    return { ...tenant, load };
  });
  const capped = { ...scenario, tenants };
  expect(
    asSent(
      capped,
      sentLater(onTime, () => 700),
    ).scenario.tenants,
  ).toEqual(tenants);
});

it('a tenant of whom more was sent than is planned, by another plan, stays as it was planned', () => {
  const tenants = scenario.tenants.map((tenant) => {
    if (tenant.load.mode !== 'open') return tenant;
    const { trace } = tenant.load;
    return {
      ...tenant,
      load: { ...tenant.load, trace: { ...trace, arrivalUs: trace.arrivalUs.slice(0, 3) } },
    };
  });
  expect(asSent({ ...scenario, tenants }, onTime).scenario.tenants).toEqual(tenants);
});

it('a run that ended early leaves the rest of the plan after what was sent', () => {
  const half = Math.floor(onTime.tenant.length / 2);
  const cut = {
    ...onTime,
    tenant: onTime.tenant.slice(0, half),
    plannedUs: onTime.plannedUs.slice(0, half),
    sentUs: onTime.plannedUs.slice(0, half).map((us) => us + 2_000_000),
  };
  for (const { load } of asSent(scenario, cut).scenario.tenants) {
    if (load.mode !== 'open') continue;
    const { arrivalUs } = load.trace;
    expect(arrivalUs.every((us, i) => i === 0 || arrivalUs[i - 1]! <= us)).toBe(true);
  }
});
