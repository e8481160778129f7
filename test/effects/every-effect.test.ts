import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EFFECTS } from '../../src/effects/registry.js';
import { EFFECT_STUDIES } from '../../src/effects/studies.js';
import { percentileOf } from '../../src/metrics/summary.js';
import { chanceOf, frontEndChanceOf, luckyS, shortestRatio } from '../../src/plan/bound/chance.js';
import { changeEffects, fieldsIn } from '../../src/profile/change-effects.js';
import { describeProfile } from '../../src/profile/describe.js';
import { serializeProfile, serializeServerProfile, serverProfileOf } from '../../src/profile/parse.js';
import { totalMs } from '../../src/profile/service-time.js';
import { slowerProfile } from '../../src/profile/slower.js';
import { latencyBounds } from '../../src/report/bounds.js';
import { summarizeRun } from '../../src/report/build-report.js';
import { explainTenant } from '../../src/report/explain-tenant.js';
import { withoutEffect } from '../../src/scenario/change-effects.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { writtenAndRead } from '../profile/samples.js';
import { FIXTURES, profileOf, scenarioOf } from './fixtures.js';

const publishedAs = (name: string) =>
  z.fromJSONSchema(JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')));
const published = { profile: publishedAs('profile'), server: publishedAs('server') };

function figuresOf(scenario: Scenario) {
  const [a] = summarizeRun({ scenario, result: simulate(scenario) }).tenants;
  const at = (percentile: number) => percentileOf(a!, percentile)!.value;
  return { meanMs: a!.latencyMs.mean.value, p50Ms: at(50), p99Ms: at(99) };
}

/** Milliseconds that the executions of the first tenant took, each once. */
function executionsMs({ tenant, outcome, calls }: RequestLog): number[] {
  const { execution, inputUs, inferUs, outputUs } = calls;
  const byExecution = new Map<number, number>();
  for (const [row, index] of execution.entries())
    if (outcome[row] === Outcome.completed && tenant[row] === 0)
      byExecution.set(index, (inputUs[row]! + inferUs[row]! + outputUs[row]!) / 1000);
  return [...byExecution.values()];
}

it('the registry names each effect once, and no field belongs to two of them', () => {
  const names = EFFECTS.map(({ name }) => name);
  const fields = EFFECTS.flatMap(({ schema }) => Object.keys(schema));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(fields).size).toBe(fields.length);
  expect(Object.keys(FIXTURES).sort()).toEqual([...names].sort());
});

describe.each(EFFECTS.map((effect) => [effect.name, effect] as const))('the effect %s', (name, effect) => {
  const fixture = FIXTURES[name];
  const profile = profileOf(fixture, 'a');
  const without = profileOf(fixture, 'a', false);
  const scenario = scenarioOf(fixture);
  let known: ReturnType<typeof figuresOf> | undefined;
  const figures = () => (known ??= figuresOf(scenario));

  it('is read and written, and is in the published schema', () => {
    expect(writtenAndRead(profile)).toEqual(profile);
    expect(published.profile.safeParse(JSON.parse(serializeProfile(profile))).success).toBe(true);
    const server = serverProfileOf([profile]);
    if (server !== undefined)
      expect(published.server.safeParse(JSON.parse(serializeServerProfile(server))).success).toBe(true);
  });

  it('is described', () => {
    expect(describeProfile(profile)).not.toEqual(describeProfile(without));
  });

  it('delays requests', () => {
    expect(figures().p99Ms).toBeGreaterThan(1.05 * figuresOf(scenarioOf(fixture, { withIt: false })).p99Ms);
  });

  it(`costs ${fixture.isScaled ? 'more' : 'as much'} on a slower machine`, () => {
    const slower = fieldsIn(slowerProfile(profile, 2), effect);
    if (fixture.isScaled) expect(slower).not.toEqual(fieldsIn(profile, effect));
    else expect(slower).toEqual(fieldsIn(profile, effect));
    const slow = scenarioOf(fixture, { slowed: (each) => slowerProfile(each, 2) });
    expect(figuresOf(slow).meanMs).toBeGreaterThan(figures().meanMs);
  });

  it('is gone where it is switched off, to the byte', () => {
    const off = withoutEffect(effect)(scenario, 'a')!;
    // Not toEqual: it takes long to say how long logs differ.
    expect(isDeepStrictEqual(simulate(off).log, simulate(scenarioOf(fixture, { withIt: false })).log)).toBe(
      true,
    );
    expect(withoutEffect(effect)(off, 'a')).toBeUndefined();
    const removed = changeEffects(profile, (study, fields, each) =>
      each === effect ? study.none(fields) : fields,
    );
    expect(describeProfile(removed)).toEqual(describeProfile(without));
  });

  it('is at its least in the bounds of a report, which no run is below', () => {
    const [bound] = latencyBounds(scenario);
    expect(bound!.p50Ms).toBeLessThanOrEqual(figures().p50Ms * (1 + 1e-9));
  });

  it('is in the bounds of a plan, which no run is below', () => {
    const meanMs = totalMs(profile.service[0]!);
    const chance = chanceOf(profile, fixture.set?.instances ?? 1);
    const isVaried = chance.cv > 0 || chance.drift !== undefined || frontEndChanceOf(profile).cv > 0;
    expect(isVaried).toBe(fixture.varies === true);
    for (let seed = 1; seed <= 5; seed++) {
      const took = executionsMs(simulate({ ...scenario, seed }).log);
      const tookMs = took.reduce((sum, ms) => sum + ms, 0);
      expect(tookMs / 1000).toBeGreaterThanOrEqual(
        luckyS((took.length * meanMs) / 1000, meanMs / 1000, chance) * (1 - 1e-6),
      );
      expect(Math.min(...took)).toBeGreaterThanOrEqual(shortestRatio(profile) * meanMs * (1 - 1e-6));
    }
  });

  it('is named where it is what delays', () => {
    const { causes } = explainTenant(scenario, 'a').explanation;
    expect(causes.filter(({ confirmed }) => confirmed).map(({ code }) => code)).toContain(
      EFFECT_STUDIES[name].cause.code,
    );
  });

  it(`${fixture.couples ? 'couples' : 'does not couple'} models on a server`, () => {
    expect(partition(scenario)).toHaveLength(fixture.couples ? 1 : 2);
  });
});
