import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../src/base/canonical-json.js';
import { parsePriceBook } from '../src/cost/price-book.js';
import { writeFolderAtomically } from '../src/node/files/atomic-write.js';
import { loadSolver } from '../src/node/plan/highs.js';
import { commit, machineName, version } from '../src/node/runs/package-facts.js';
import { type Case, cases } from './placement/cases.js';
import { mixesCsv, modelsCsv, setsCsv, slicesCsv } from './placement/csv.js';
import { missingFiles, readCells, readSloSets, type SloSet } from './placement/data.js';
import { planHalfSlo } from './placement/half-slo.js';
import { PoissonCapacities } from './placement/poisson-capacities.js';
import { type PlacementReproduction, readme } from './placement/readme.js';
import { answerSet } from './placement/reproduction.js';
import { costFigure, savingFigure } from './placement/seed-figures.js';
import { answerSeedQuestion, SEED_GPUS } from './placement/seed-question.js';
import { halfSloTable, poissonTable, seedTable } from './placement/tables.js';
import { VERDICT_SEEDS } from './placement/trial.js';
import { usableCells } from './placement/usable-cells.js';
import { readMeasured } from './seed/measured.js';
import { readSetups } from './seed/setups.js';
import { alignedTable } from './seed/tables.js';
import { runScript } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const DATA = '../shared/data';
const RESULTS = 'results/placement';
const CALIBRATION = 'calibration/seed';

const USAGE = `usage: npm run reproduce:placement -- [--json FILE] [--data FOLDER] [--sets FILE] [--out FOLDER]
  --json FILE    also write all figures as JSON: {"cases": [{name, value, bound, unit}]}
  --data FOLDER  where profiles/ and placement/ of ParvaGPU are; ${DATA} by default
  --sets FILE    plan other SLO sets, a CSV with the columns slo_set, model, request_rate_per_s, latency_slo_ms
  --out FOLDER   where tables and figures go; ${RESULTS} by default, nowhere with --sets
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    data: { type: 'string', default: DATA },
    sets: { type: 'string' },
    out: { type: 'string' },
  });
  const missing = missingFiles(values.data);
  if (missing.length > 0) {
    process.stderr.write(
      `not found: ${missing.join(', ')}\nThese tables of ParvaGPU are not part of the repository; name their folder with --data.\n`,
    );
    process.exitCode = 2;
    return;
  }
  const reproduction = await reproduce(values.data, values.sets);
  const out = values.out ?? (values.sets === undefined ? RESULTS : undefined);
  if (out !== undefined) await writeResults(out, reproduction);
  const figures = cases(reproduction);
  if (values.json !== undefined) {
    mkdirSync(dirname(values.json), { recursive: true });
    writeFileSync(values.json, canonicalJson({ cases: figures }, ['cases']));
  }
  process.stdout.write(report(reproduction, figures));
}

async function reproduce(folder: string, setsFile: string | undefined): Promise<PlacementReproduction> {
  const solve = await loadSolver();
  const cells = readCells(folder);
  const sets = readSloSets(folder, cells, setsFile);
  const usable = usableCells(cells);
  const onProgress = (what: string) => process.stderr.write(`${what} …\n`);
  const tools = { cells, capacities: new PoissonCapacities(usable), solve, onProgress };
  return {
    sets: sets.map((set) => answerSet(set, tools)),
    seed: setsFile === undefined ? answerSeed(solve, onProgress) : [],
    leftOut: cells.length - usable.length,
    halfSloWithoutThem: sets.map((set: SloSet) => planHalfSlo(set, usable, solve).cover.gpus.length),
  };
}

function answerSeed(solve: Awaited<ReturnType<typeof loadSolver>>, onProgress: (what: string) => void) {
  const given = {
    setups: readSetups(CALIBRATION),
    prices: parsePriceBook(readFileSync('calibration/prices.json', 'utf8')),
    measured: readMeasured(CALIBRATION).frontier,
    solve,
  };
  return SEED_GPUS.map((gpu) => {
    onProgress(`one against two tenants per ${gpu.name}`);
    return answerSeedQuestion(gpu, given);
  });
}

async function writeResults(folder: string, reproduction: PlacementReproduction): Promise<void> {
  const { sets, seed } = reproduction;
  // Times differ between runs, so they are told on the terminal only.
  const lasting = cases(reproduction).filter(({ unit }) => unit !== 's');
  const files = new Map([
    ['README.md', readme(reproduction)],
    ['placement.json', canonicalJson({ cases: lasting, seeds: VERDICT_SEEDS }, ['cases'])],
    ['sets.csv', setsCsv(sets)],
    ['models.csv', modelsCsv(sets)],
    ['slices.csv', slicesCsv(sets)],
    ['seed-mixes.csv', mixesCsv(seed)],
    ['cost-by-mix.svg', costFigure(seed)],
    ['saving-by-mix.svg', savingFigure(seed)],
    ['provenance.json', canonicalJson(provenance())],
  ]);
  await writeFolderAtomically(folder, async (temporary) => {
    for (const [name, text] of files) writeFileSync(join(temporary, name), text);
  });
}

/** The one file that is not the same everywhere. */
function provenance() {
  return {
    command: 'npm run reproduce:placement',
    perseus: version(),
    commit: commit() ?? 'unknown',
    machine: machineName(),
    node: process.version,
    seeds: VERDICT_SEEDS,
  };
}

function report({ sets, seed }: PlacementReproduction, figures: readonly Case[]): string {
  const slowest = Math.max(...sets.map(({ half }) => half.seconds));
  return `
Fewest A100s under ParvaGPU's assumption (batch ≤ half the SLO), at most ${slowest.toFixed(1)} s for a set
${alignedTable(halfSloTable(sets))}

The same placements under Poisson arrivals, and what it takes to keep every p99
${alignedTable(poissonTable(sets))}
${seed.length === 0 ? '' : `\nOne against two tenants per GPU\n${alignedTable(seedTable(seed))}\n`}
${JSON.stringify({ cases: figures })}
`;
}

await runScript(main);
