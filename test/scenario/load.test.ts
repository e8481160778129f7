import { describe, expect, it } from 'vitest';
import type { Load } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { buildTrace } from '../../src/trace/build.js';
import type { Trace } from '../../src/trace/trace.js';
import { check, problemsOf, profile, scenarioText } from './fixtures.js';

function tenant(name: string, load: string, rest = ''): string {
  return `- {name: ${name}, model: resnet, load: {${load}}${rest}}`;
}

function loads(...tenants: readonly string[]): Load[] {
  return check(scenarioText({ tenants: tenants.join('\n  ') })).scenario.tenants.map(({ load }) => load);
}

function trace(load: Load | undefined): Trace {
  if (load === undefined || load.mode === 'closed') throw new Error('not a load with a trace');
  return load.trace;
}

/** A trace of three requests of one tenant, the last of which is its end. */
const ENDING_TRACE = {
  traces: new Map([['ends.csv', { value: buildTrace({ arrivalUs: [0, 1e6, 3e6] }) }]]),
};

function partlySaid(batchSize: number[], payloadBytes: number[]) {
  const value = buildTrace({ arrivalUs: [0, 1e6, 2e6], batchSize, payloadBytes, durationUs: 1e7 });
  return { traces: new Map([['partly.csv', { value }]]) };
}

const poisson = 'process: {kind: poisson, ratePerS: 50}';

describe('a load', () => {
  it('of a process lasts to the end of the run', () => {
    const [load] = loads(tenant('a', 'process: {kind: constant, ratePerS: 10, phase: 0}'));
    expect(load!.mode).toBe('open');
    expect(trace(load)).toMatchObject({ tenants: ['a'], durationUs: 10_000_000 });
    expect([...trace(load).arrivalUs.slice(0, 3)]).toEqual([0, 100_000, 200_000]);
    expect(trace(load).arrivalUs).toHaveLength(100);
  });

  it('does not depend on the other tenants', () => {
    const [alone] = loads(tenant('a', poisson));
    const [, , beside] = loads(
      tenant('x', poisson),
      tenant('y', 'closedLoop: {concurrency: 1}'),
      tenant('a', poisson),
    );
    expect(trace(beside).arrivalUs).toEqual(trace(alone).arrivalUs);
  });

  it('differs between tenants and between seeds', () => {
    const [a, b] = loads(tenant('a', poisson), tenant('b', poisson));
    expect(trace(a).arrivalUs).not.toEqual(trace(b).arrivalUs);
    const reseeded = check(scenarioText({ top: 'seed: other', tenants: tenant('a', poisson) })).scenario;
    expect(trace(reseeded.tenants[0]!.load).arrivalUs).not.toEqual(trace(a).arrivalUs);
  });

  it('may begin later and end earlier', () => {
    const [load] = loads(
      tenant('a', 'process: {kind: constant, ratePerS: 1, phase: 0}, startS: 3, durationS: 4'),
    );
    expect([...trace(load).arrivalUs]).toEqual([3e6, 4e6, 5e6, 6e6]);
    expect(trace(load).durationUs).toBe(7e6);
  });

  it('under a cap says where latency counts from', () => {
    const [planned, sent] = loads(
      tenant('a', `${poisson}, maxInFlight: 4`),
      tenant('b', `${poisson}, maxInFlight: 4, latencyFrom: sent`),
    );
    expect(planned).toMatchObject({ mode: 'capped', maxInFlight: 4, latencyFrom: 'planned' });
    expect(sent).toMatchObject({ mode: 'capped', maxInFlight: 4, latencyFrom: 'sent' });
  });

  it('of a trace takes one tenant of it, with its batch sizes', () => {
    const [load] = loads(tenant('a', 'trace: {file: two.csv, tenant: conv}'));
    expect(trace(load).tenants).toEqual(['a']);
    expect([...trace(load).tenant]).toEqual([0, 0, 0]);
    expect([...trace(load).arrivalUs]).toEqual([0, 2e6, 5e6]);
    expect([...trace(load).batchSize!]).toEqual([1, 2, 4]);
  });

  it('of a trace takes the tenant of the same name where none is named', () => {
    const [load] = loads(tenant('code', 'trace: {file: two.csv}'));
    expect([...trace(load).arrivalUs]).toEqual([1e6, 9e6]);
  });

  it('of a trace can be a part of it, stretched, and begin later', () => {
    const [load] = loads(
      tenant('a', 'trace: {file: two.csv, tenant: conv, fromS: 1, toS: 6, scaleTime: 0.5}, startS: 1'),
    );
    expect([...trace(load).arrivalUs]).toEqual([1.5e6, 3e6]);
    expect(trace(load).durationUs).toBe(3.5e6);
  });

  it('of a trace can have a multiple of its rate', () => {
    const [load] = loads(tenant('a', 'trace: {file: two.csv, tenant: conv, scaleRate: 20}'));
    expect(trace(load).arrivalUs).toHaveLength(60);
  });

  it('of a trace takes memory for what it takes of the trace, and not for the rest of it', () => {
    const tenants = tenant('a', 'trace: {file: two.csv, tenant: conv, toS: 4, scaleRate: 20}');
    const problems = (memoryBytes: number) => problemsOf(scenarioText({ tenants }), { memoryBytes });
    expect(problems(2 * 20 * 16)).toEqual([]);
    expect(problems(2 * 20 * 16 - 1)).toHaveLength(1);
  });

  it('draws batch sizes where they vary and the trace does not say, apart from arrivals', () => {
    const sizes = ', batchSize: [{batchSize: 1, weight: 1}, {batchSize: 8, weight: 1}]';
    const [drawn, fixed, said] = loads(
      tenant('a', poisson, sizes),
      tenant('b', poisson, ', batchSize: 3'),
      tenant('c', 'trace: {file: two.csv, tenant: conv}', sizes),
    );
    expect(new Set(trace(drawn).batchSize)).toEqual(new Set([1, 8]));
    expect(trace(fixed).batchSize).toBeUndefined();
    expect([...trace(said).batchSize!]).toEqual([1, 2, 4]);
    const [same] = loads(tenant('a', poisson));
    expect(trace(drawn).arrivalUs).toEqual(trace(same).arrivalUs);
  });

  it('has the batch sizes of its tenant in rows of the trace that do not say theirs', () => {
    const load = (sizes: string) => {
      const text = scenarioText({
        tenants: tenant('a', 'trace: {file: partly.csv}', `, batchSize: ${sizes}`),
      });
      return trace(check(text, partlySaid([0, 4, 0], [0, 0, 0])).scenario.tenants[0]!.load);
    };
    expect(load('8').batchSize).toEqual(Uint16Array.of(8, 4, 8));
    const [first, said, last] = load('[{batchSize: 2, weight: 1}, {batchSize: 3, weight: 1}]').batchSize!;
    expect(said).toBe(4);
    expect([2, 3]).toContain(first);
    expect([2, 3]).toContain(last);
  });

  it('is the same whether a column of its trace says nothing in every row or is left out', () => {
    const text = scenarioText({ tenants: tenant('a', 'trace: {file: partly.csv}', ', batchSize: 8') });
    const load = trace(check(text, partlySaid([0, 0, 0], [0, 0, 0])).scenario.tenants[0]!.load);
    expect(load).not.toHaveProperty('batchSize');
    expect(load).not.toHaveProperty('payloadBytes');
  });

  it('of traces alone decides the length of the run', () => {
    const text = scenarioText({ tenants: tenant('a', 'trace: {file: two.csv, tenant: conv}, startS: 2') });
    expect(check(text.replace('durationS: 10', '')).scenario.durationUs).toBe(12_000_000);
  });

  it('of a trace that ends with its last request has that request in the run', () => {
    const text = scenarioText({ tenants: tenant('a', 'trace: {file: ends.csv}, startS: 2') });
    const { scenario, warnings } = check(text.replace('durationS: 10', ''), ENDING_TRACE);
    expect(scenario.durationUs).toBe(5_000_001);
    expect(simulate(scenario).log.plannedUs).toEqual(Float64Array.of(2e6, 3e6, 5e6));
    expect(warnings).toEqual([]);
    const again = check(text.replace('durationS: 10', 'durationS: 5.000001'), ENDING_TRACE);
    expect(again.warnings).toEqual([]);
  });

  it('may go on after its last request for as long as between two of them, as a day does, and not longer unsaid', () => {
    const text = scenarioText({ tenants: tenant('a', 'trace: {file: ends.csv}') });
    const told = (durationS: number) =>
      check(text.replace('durationS: 10', `durationS: ${durationS}`), ENDING_TRACE).warnings.length;
    expect([told(5), told(6)]).toEqual([0, 1]);
  });

  it.each([
    ['the run', 'durationS: 3', ''],
    ['the load', 'durationS: 10', ', durationS: 3'],
  ])('leaves out what is planned for the very end of %s, and says so', (_, stated, own) => {
    const text = scenarioText({ tenants: tenant('a', `trace: {file: ends.csv}${own}`) });
    const { scenario, warnings } = check(text.replace('durationS: 10', stated), ENDING_TRACE);
    expect(trace(scenario.tenants[0]!.load).arrivalUs).toEqual(Float64Array.of(0, 1e6));
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ['trace-changed', 'its trace is cut off after 3 s: 2 of 3 requests are used'],
    ]);
  });
});

describe('a closed loop in which nothing takes time', () => {
  const instant = profile('resnet', 'Tesla P4', {
    service: [{ batchSize: 1, inputMs: 0, inferMs: 0, outputMs: 0, executions: 0, relativeError: 0 }],
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
  });
  const profiles = new Map([['profiles', { value: [{ file: 'a.profile.json', profile: instant }] }]]);
  const problems = (closedLoop: string, server = '') =>
    problemsOf(scenarioText({ server, tenants: tenant('a', `closedLoop: {${closedLoop}}`) }), { profiles });

  it('is refused, since it would send without end at one instant', () => {
    expect(problems('concurrency: 2')).toEqual([
      expect.stringMatching(
        /^s\.yaml:\d+:\d+: tenants\[0\]\.load\.closedLoop: nothing in this loop takes time, .*; write thinkMs or maxRequests$/,
      ),
    ]);
  });

  it('is taken where closed-loop clients think, the network takes time, or requests come to an end', () => {
    expect(problems('concurrency: 2, thinkMs: 0.001')).toEqual([]);
    expect(problems('concurrency: 2', 'network: {responseDelayUs: 1}')).toEqual([]);
    expect(problems('concurrency: 2', 'network: {bandwidthMbps: 100}')).toEqual([]);
    expect(problems('concurrency: 2, maxRequests: 10')).toEqual([]);
  });
});
