import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { digest } from '../../../src/node/sweep/content-library.js';
import { engine } from '../../../src/node/sweep/engine.js';
import { evaluateJob } from '../../../src/node/sweep/evaluate-job.js';
import { type PreparedSweep, prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { parseScenarioSpec } from '../../../src/scenario/spec.js';
import { PointEvaluator } from '../../../src/sweep/evaluate.js';
import { parseSweepSpec, type SweepSpec } from '../../../src/sweep/spec.js';
import { ownFolder, readAsFile } from '../as-file.js';
import { chance, pick, type Random, words } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { changeNumbers, mistakenText } from '../mutate-text.js';
import { mutateValue, toJson, toYaml } from '../mutate-value.js';
import { SHARED_SCENARIO } from '../shared-scenario.js';
import { isCheap } from '../shorten.js';

/** Sweep files: their axes, conditions and designs, and what these make of a scenario; the first points are simulated. */
export function sweepFamilies(): readonly Family[] {
  const values = SWEEPS.map((text) => parse(text) as unknown);
  const generate = (random: Random) => {
    if (chance(random, 0.25)) return changeNumbers(random, pick(random, SWEEPS));
    if (chance(random, 0.2)) return mistakenText(random, { samples: SWEEPS, words: WORDS });
    const value = mutateValue(random, withOddAxis(random, structuredClone(pick(random, values))));
    return chance(random, 0.5) ? toYaml(value) : toJson(value, 2);
  };
  return [textFamily({ name: 'sweep', mostMs: 10_000, generate, read: readSweep })];
}

const SWEEPS: readonly string[] = [
  `perseus: 1
name: named
scenario: shared.yaml
set: {durationS: 0.1, servers.one.cpuCores: 4}
axes:
  - {name: batch, vary: maxBatchSize, of: [resnet50], values: [2, 16]}
  - {name: delay, vary: queueDelayUs, range: {from: 10, to: 1000, scale: log, steps: 2, wholeNumbers: true}}
  - {name: load, vary: loadScale, values: [0.5, 1.5]}
where: ['batch * delay < 5000 or not (load == 0.5)']
`,
  `perseus: 1
name: paths
scenario: shared.yaml
axes:
  - {name: gpu, vary: gpu, of: [one], values: [Tesla T4, {kind: Tesla P4, memoryMb: 8000, models: {resnet50: resnet50, bert: inception-v3}}]}
  - {name: think, vary: tenants.words.load.closedLoop.thinkMs, values: [0, 3.5]}
  - {name: groups, vary: ['servers.*.models.*.config.instance_group', 'servers.two.models.0.config.instance_group'], values: [[{count: 1}], [{count: 2}, {count: 1}]]}
  - {name: seed, vary: seed, values: [1, abc]}
where: ["gpu in ['Tesla T4', 'Tesla P4']"]
`,
  `perseus: 1
name: drawn
scenario: shared.yaml
design: {kind: halton, points: 3, seed: x}
axes:
  - {name: sharing, vary: sharing, values: [streams, {mode: timeSlices, quantumUs: 500}, exclusive]}
  - {name: rate, vary: tenants.photos.load.process.ratePerS, range: {from: 10, to: 300}}
  - name: place
    choices:
      here: {}
      there: {tenants.words.model: resnet50, 'servers.one.models.bert.config': {max_batch_size: 2}}
  - {name: instances, vary: instances, values: [1, 3]}
`,
];

const WORDS = [
  ...words('* servers.* gpu seed loadScale instances not and ( )', '- ', ': ', '\n', '  ', "'Tesla T4'"),
  ...['choices: {a: {}}', 'where: [batch]', 'values: [{a: 1}, 16]', 'range: {from: 0, to: 1}'],
];

const ODD_VALUES: readonly unknown[] = [
  ...[{ a: 1 }, { name: 'x' }, [], [1], null, true, '16', '', -1, 0, 0.5, 1e18, 'config.pbtxt'],
  ...[{ kind: 'Tesla T4' }, { mode: 'mps', shares: { resnet50: 0.5 } }, [{ count: { a: 1 } }]],
  { __proto__: null, constructor: 1 },
];

const ODD_PATHS = [
  ...words('gpu instances maxBatchSize queueDelayUs sharing loadScale seed name profiles prices perseus'),
  ...words('servers servers.* servers.one servers.0.models servers.one.models.*.name servers.one.devices'),
  ...words('servers.*.models.*.config.dynamic_batching.preferred_batch_size servers.one.models.bert.config'),
  ...words('servers.*.devices.*.sharing servers.one.machine.kind servers.one.__proto__ __proto__.a'),
  ...words(
    'tenants tenants.* tenants.*.name tenants.*.load tenants.replay.load.trace.file durationS warmUpS',
  ),
  ...words('tenants.replay.load.trace.scaleRate tenants.words.load.closedLoop tenants.photos.load.process'),
  ...words('tenants.photos.slo tenants.photos.batchSize'),
];

/** Now and then with an axis more, of any field and any values: an earlier axis may leave anything to a later one. */
function withOddAxis(random: Random, sweep: unknown): unknown {
  if (chance(random, 0.4)) return sweep;
  const { axes } = sweep as { axes: unknown[] };
  const values = [pick(random, ODD_VALUES), pick(random, ODD_VALUES)];
  const axis = { name: `odd${axes.length}`, vary: pick(random, ODD_PATHS), values };
  axes.splice(random.nextInt(axes.length + 1), 0, axis);
  return sweep;
}

/** More points take longer than one input may; that they are refused in time is a matter of tests. */
const MOST_POINTS = 60;
const SIMULATED = 2;

async function readSweep(text: string): Promise<void> {
  const { value: spec } = parseSweepSpec(text, { file: INPUT_FILE });
  if (spec !== undefined && pointsOf(spec) > MOST_POINTS) return;
  writeFileSync(join(ownFolder(), 'shared.yaml'), SHARED_SCENARIO);
  await readAsFile(text, 'input.yaml', async (path) => simulatePoints(await prepareSweep(path)));
}

function pointsOf({ axes, design }: SweepSpec): number {
  if (design.kind !== 'grid') return design.points;
  const counts = axes.map(
    ({ values, choices, range }) => values?.length ?? range?.steps ?? Object.keys(choices ?? {}).length,
  );
  return counts.reduce((product, count) => product * count, 1);
}

function simulatePoints({ points, library }: PreparedSweep): void {
  const evaluator = new PointEvaluator({ engine: engine(), digest, library });
  for (const { key, scenario, document } of points.slice(0, SIMULATED)) {
    const { spec } = parseScenarioSpec(JSON.stringify(document));
    demand(spec !== undefined, 'a point is no scenario');
    if (!isCheap(spec, NO_FILES) || (spec.durationS ?? 0) > 1) continue;
    const { rows, problems } = evaluateJob(evaluator, { key, scenario });
    demand(rows !== undefined || problems!.length > 0, 'a point has neither results nor problems');
  }
}

const NO_FILES = { profiles: new Map(), configs: new Map(), traces: new Map() };
