import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InputError } from '../../../src/base/problem.js';
import { parseExpectations } from '../../../src/check/expectations.js';
import { checkToJunit } from '../../../src/check/junit.js';
import { checkExpectations } from '../../../src/node/runs/check-expectations.js';
import { ownFolder, readAsFile } from '../as-file.js';
import { chance, pick, type Random, words } from '../choose.js';
import { demand, type Family, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { mutateValue, toJson, toYaml } from '../mutate-value.js';
import { SHARED_SCENARIO } from '../shared-scenario.js';

/** Files of expectations, read with the scenario that they name; short ones are judged as well. */
export function expectationFamilies(): readonly Family[] {
  const value = parse(EXPECTATIONS) as unknown;
  const generate = (random: Random) => {
    if (chance(random, 0.3)) return mistakenText(random, { samples: [EXPECTATIONS], words: WORDS });
    const mutated = mutateValue(random, value);
    return chance(random, 0.5) ? toYaml(mutated) : toJson(mutated, pick(random, [0, 2]));
  };
  return [textFamily({ name: 'expectations', mostMs: 10_000, generate, read })];
}

const EXPECTATIONS = `perseus-expectations: 1
runs: 2
unsure: value
cases:
  - scenario: shared.yaml
    durationS: 0.2
    warmUpS: 0.05
    seed: a
    expect:
      - {slo: met}
      - {stability: stable}
      - {tenant: photos, metric: p99Ms, atMost: 50, atLeast: 0.1}
      - {metric: throughputPerS, atLeast: 10}
      - {metric: usdPerHour, atMost: 1}
      - {device: one/gpu0, metric: busyShare, atMost: 0.98}
      - {server: one, metric: hostBusyShare, atMost: 0.5}
  - {scenario: shared.yaml, name: again, durationS: 0.1, runs: 1, expect: [{tenant: words, stability: backlogged}]}
`;

const WORDS = [
  ...['- ', ': ', '\n', '  ', 'unsure: fail', 'metric: attainment', 'server: two', 'device: one'],
  ...['tenant: replay', 'runs: 1000', 'scenario: x.yaml', 'atMost: 1'],
  ...words('memoryHeadroomMb penaltyUsdPerHour meanMs'),
];

/** More takes longer than one input may. */
const LONGEST_S = 1;
const MOST_RUNS = 3;

async function read(text: string): Promise<void> {
  if (isCostly(text)) return;
  writeFileSync(join(ownFolder(), 'shared.yaml'), SHARED_SCENARIO);
  await readAsFile(text, 'input.yaml', async (path) => {
    const outcome = await checkExpectations(path);
    demand(outcome.cases.length > 0, 'there is no outcome');
    demand(!checkToJunit(outcome).includes('undefined'), 'the JUnit file has a slip of ours in it');
  });
}

/** Whether it is long runs, or many, that its scenarios are asked for: their loads are drawn when they are read. */
function isCostly(text: string): boolean {
  try {
    const { cases, runs } = parseExpectations(text).value;
    const costs = cases.map((one) => (one.durationS ?? LONGEST_S) * (one.runs ?? runs));
    return costs.reduce((sum, cost) => sum + cost, 0) > LONGEST_S * MOST_RUNS;
  } catch (error) {
    // What is wrong with it is found when it is read as a file.
    if (error instanceof InputError) return false;
    throw error;
  }
}
