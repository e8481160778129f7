import { parse } from 'yaml';
import { type CheckedScenario, checkScenario } from '../../../src/scenario/check.js';
import { resolveSpec } from '../../../src/scenario/resolve-spec.js';
import type { ScenarioResources } from '../../../src/scenario/resources.js';
import { parseScenarioSpec, type ScenarioDocument } from '../../../src/scenario/spec.js';
import { simulateAndCheck } from '../check-simulation.js';
import { chance, pick, type Random, words } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { mutateValue, toJson, toYaml } from '../mutate-value.js';
import { findWrongNumber } from '../numbers.js';
import type { ShippedScenarios } from '../shipped-scenarios.js';
import { isCheap, shortened } from '../shorten.js';
import { SMALL_SCENARIOS } from '../small-scenarios.js';

/** Scenario files, read, checked against the files they name, and where they are sound simulated. */
export function scenarioFamilies({ texts, resources }: ShippedScenarios): readonly Family[] {
  const samples = [...texts, ...SMALL_SCENARIOS];
  const values = samples.map((text) => parse(text) as unknown);
  const generate = (random: Random) => {
    if (chance(random, 0.25)) return mistakenText(random, { samples: [pick(random, samples)], words: WORDS });
    const value = mutateValue(random, pick(random, values));
    return chance(random, 0.5) ? toYaml(value) : toJson(value, pick(random, [0, 2]));
  };
  const read = (text: string) => readScenario(text, resources);
  return [textFamily({ name: 'scenario', everyProblemHasLine: true, generate, read })];
}

const WORDS = [
  ...words('{ } [ ] , *a | > # null resnet50', '- ', ': ', '\n', '  ', '&a ', '<<: *a', '? ', '---\n'),
  ...['Tesla P4', 'perseus: 1', 'load: {}', 'config: {}', 'devices: []', 'replicas: 3', 'name: server'],
  ...['sharing: exclusive', 'sharing: streams', 'routing: random', 'pipelined: true', 'coldStart: true'],
  ...['maxInFlight: 1', 'startS: 1', 'timeoutMs: 1', 'priority: 1', 'cpuCores: 0.1'],
  ...['closedLoop: {concurrency: 2}', 'process: {kind: poisson, ratePerS: 9}'],
  ...['sequence_batching: {}', 'sequence_batching: {oldest: {}}', 'sequences: {requests: 3, gapMs: 9}'],
  ...['response_cache: {enable: true}', 'cache: {sizeMb: 1}', 'contents: {objects: 9}', 'outputs: [O]'],
  ...[
    'engine: {}',
    'responses: {mean: 2}',
    'decoupled: true',
    'version: "26.04"',
    'max_inflight_requests: 1',
  ],
  ...['calls: [{ownMs: 1}]', '{call: net}', 'per: batch', 'probability: 0.5', 'platform: ensemble'],
];

function readScenario(text: string, resources: ScenarioResources): void {
  const document = parseScenarioSpec(text, { file: INPUT_FILE });
  const affordable = affordableDocument(document, resources);
  if (affordable === undefined) return;
  const checked = checkScenario(affordable, resources);
  checkScenarioValue(checked, affordable, resources);
  simulateAndCheck(checked.scenario);
}

/** The document, or with a shorter run; undefined where its loads would take too long to draw even so. */
function affordableDocument(document: ScenarioDocument, resources: ScenarioResources) {
  const { spec } = document;
  if (spec === undefined || isCheap(spec, resources)) return document;
  const short = shortened(spec);
  return isCheap(short, resources) ? { ...document, spec: short } : undefined;
}

function checkScenarioValue(
  { scenario }: CheckedScenario,
  { spec }: ScenarioDocument,
  resources: ScenarioResources,
): void {
  const { servers, tenants, durationUs, warmUpUs } = scenario;
  // A device of -1 is the host CPU, a dimension of -1 is variable.
  const wrong = findWrongNumber({ tenants, durationUs, warmUpUs }, { infinite: true });
  const wrongServer = findWrongNumber(servers, { infinite: true, negative: true });
  demand(wrong === undefined && wrongServer === undefined, `the scenario has ${wrong ?? wrongServer}`);
  for (const { name, targets } of tenants) {
    demand(targets.length > 0, `${name} has no target`);
    const isServed = targets.every(({ server, model }) => {
      const { ensemble, instances } = servers[server]!.models[model]!;
      return ensemble !== undefined || instances.length > 0;
    });
    demand(isServed, `${name} has a target without instances`);
  }
  demand(warmUpUs < durationUs, 'the warm-up is as long as the run');
  const resolved = parseScenarioSpec(JSON.stringify(resolveSpec(spec!, scenario)), { file: 'resolved' });
  const again = checkScenario(resolved, resources).scenario;
  demand(again.tenants.length === tenants.length, 'resolved and read again it is another scenario');
}
