import { describe, expect, it } from 'vitest';
import { ExpectedRequests } from '../../src/scenario/closed-loop/expected-requests.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { check, problemsOf, scenarioText } from './fixtures.js';

const closedLoopClients = (name: string, loop: string, rest = '') =>
  `- {name: ${name}, model: resnet, load: {closedLoop: {${loop}}}${rest}}`;

function expected(scenario: Scenario): number[] {
  const requests = new ExpectedRequests(scenario);
  return scenario.tenants.map((tenant) => requests.of(tenant));
}

const scenarioOf = (...tenants: string[]) => check(scenarioText({ tenants: tenants.join('\n  ') })).scenario;

describe('the requests expected of closed-loop clients', () => {
  it.each([
    ['few clients, who never wait for each other', closedLoopClients('a', 'concurrency: 1, thinkMs: 10')],
    ['many clients, who keep instances busy', closedLoopClients('a', 'concurrency: 50')],
    [
      'closed-loop clients who send so many in all',
      closedLoopClients('a', 'concurrency: 50, maxRequests: 77'),
    ],
  ])('of %s are as many as are simulated, or some more', (_, tenant) => {
    const scenario = scenarioOf(tenant);
    const simulated = simulate(scenario).log.tenant.length;
    const [requests] = expected(scenario);
    expect(requests).toBeGreaterThanOrEqual(simulated);
    expect(requests).toBeLessThan(1.3 * simulated);
  });

  it('of two tenants are no more than their instances have time for', () => {
    const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
    const one = sum(expected(scenarioOf(closedLoopClients('a', 'concurrency: 50'))));
    const two = sum(
      expected(
        scenarioOf(closedLoopClients('a', 'concurrency: 50'), closedLoopClients('b', 'concurrency: 50')),
      ),
    );
    expect(two).toBe(one + 50);
  });

  it('are refused where they are too many in all', () => {
    const tenants = closedLoopClients('a', 'concurrency: 1000');
    const year = scenarioText({ tenants }).replace(/durationS: \S+/, 'durationS: 31536000');
    expect(problemsOf(year).join()).toMatch(
      /: tenants\[0\]\.load\.closedLoop: about \S+ requests up to here; write a lower concurrency, maxRequests or a shorter duration: at most 200000000 in all$/,
    );
    const few = year.replace('concurrency: 1000', 'concurrency: 1000, maxRequests: 1000');
    expect(check(few).scenario.tenants).toHaveLength(1);
  });
});

describe('the client of a closed loop', () => {
  const loadOf = (loop: string) =>
    scenarioOf(closedLoopClients('a', `concurrency: 4${loop}`)).tenants[0]!.load;
  const problems = (client: string) =>
    problemsOf(scenarioText({ tenants: closedLoopClients('a', `concurrency: 4, client: ${client}`) }));

  it('is an ideal one where nothing is said', () => {
    expect(loadOf(', client: {kind: ideal}')).toEqual(loadOf(''));
  });

  it('has threads that all share, or one for each, with what the file says and else the defaults', () => {
    const ofPerfAnalyzer = loadOf(', client: {kind: perf-analyzer, threads: 2, sendUs: 50, sendCv: 0.3}');
    expect(ofPerfAnalyzer).toMatchObject({
      client: { threads: { kind: 'shared', count: 2 }, sendUs: 50, sendCv: 0.3 },
    });
    expect(loadOf(', client: {kind: perf-analyzer}')).toMatchObject({
      client: { threads: { kind: 'shared', count: 1 }, sendCv: 1 },
    });
    expect(loadOf(', client: {kind: one-thread-each}')).toMatchObject({
      client: { threads: { kind: 'own' } },
    });
  });

  it('is refused where a field has no meaning for it', () => {
    expect(problems('{kind: ideal, sendUs: 5}').join()).toMatch(
      /client\.sendUs: has no meaning for an ideal client; remove it$/,
    );
    expect(problems('{kind: one-thread-each, threads: 5}').join()).toMatch(
      /client\.threads: has a meaning only for perf-analyzer; remove it$/,
    );
    expect(problems('{kind: wrk}')).toHaveLength(1);
  });

  it('lets no more requests be expected than its threads send', () => {
    const scenario = scenarioOf(
      closedLoopClients('a', 'concurrency: 4, client: {kind: perf-analyzer, sendUs: 1e5, sendCv: 0}'),
    );
    const simulated = simulate(scenario).log.tenant.length;
    expect(expected(scenario)[0]).toBeGreaterThanOrEqual(simulated);
    expect(expected(scenario)[0]).toBeLessThan(1.3 * simulated);
  });
});

describe('arrivals that are drawn', () => {
  it('are refused where they would take more memory than is free', () => {
    const tenants = '- {name: a, model: resnet, load: {process: {kind: constant, ratePerS: 1000}}}';
    expect(problemsOf(scenarioText({ tenants }), { memoryBytes: 159_999 })).toEqual([
      's.yaml:12:46: tenants[0].load.process: the arrivals up to here take 0.00016 GB of memory, and 0.00016 GB are free; lower the rate or the duration',
    ]);
    expect(problemsOf(scenarioText({ tenants }), { memoryBytes: 160_001 })).toEqual([]);
  });
});
