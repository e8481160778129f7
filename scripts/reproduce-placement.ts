import { readFileSync } from 'node:fs';
import { canonicalJson } from '../src/base/canonical-json.js';
import { parsePriceBook } from '../src/cost/parse-price-book.js';
import { loadSolver } from '../src/node/plan/highs.js';
import { commit, machineName, version } from '../src/node/runs/package-facts.js';
import type { SolveProgram } from '../src/plan/integer-program.js';
import { usableCells } from './placement/cell-profile.js';
import { CELLS, readCells, readSloSets, SETS } from './placement/data.js';
import { planHalfSlo } from './placement/half-slo.js';
import { PoissonCapacities } from './placement/poisson-capacities.js';
import { readme } from './placement/readme.js';
import { answerSet, type PlacementReproduction } from './placement/reproduction.js';
import { costFigure, savingFigure } from './placement/seed-figures.js';
import { answerSeedQuestion, SEED_GPUS } from './placement/seed-question.js';
import { cases, csvFiles, halfSloTable, poissonTable, seedTable } from './placement/tables.js';
import { VERDICT_SEEDS } from './placement/trial.js';
import { readMeasured } from './seed/measured.js';
import { readSetups } from './seed/setups.js';
import { reproduction } from './support/reproduction.js';
import { terminalTable } from './support/table.js';

const CALIBRATION = 'calibration/seed';
/** A set must be planned within this time. */
const LONGEST_S = 60;

await reproduction({
  name: 'placement',
  about: "Places ParvaGPU's six SLO sets on A100s, and asks the paper's question: one model per GPU, or two?",
  data: {
    from: '../shared/data',
    takes: 'FOLDER',
    help: `with ${CELLS} and ${SETS}`,
    needs: [CELLS, SETS],
    origin: "ParvaGPU's tables",
  },
  results: 'results/placement',
  fitsNothing: 'what is placed is measured, and no placement has a part in another',
  options: {
    sets: {
      takes: 'FILE',
      help: 'plan other SLO sets, a CSV with the columns slo_set, model, request_rate_per_s, latency_slo_ms',
    },
  },
  partial: ['sets'],
  seeds: VERDICT_SEEDS.join(', '),
  run: async ({ data, sets }, onProgress) => {
    const solve = await loadSolver();
    const cells = readCells(data);
    const all = readSloSets(data, cells, sets);
    const usable = usableCells(cells);
    const tools = { cells, capacities: new PoissonCapacities(usable), solve, onProgress };
    return {
      sets: all.map((set) => answerSet(set, tools)),
      seed: sets === undefined ? answerSeed(solve, onProgress) : [],
      leftOut: cells.length - usable.length,
      halfSloWithoutThem: all.map((set) => planHalfSlo(set, usable, solve).cover.gpus.length),
    };
  },
  files: (result) =>
    new Map([
      ['README.md', readme(result)],
      ['placement.json', canonicalJson({ cases: cases(result), seeds: VERDICT_SEEDS }, ['cases'])],
      ...csvFiles(result),
      ['cost-by-mix.svg', costFigure(result.seed)],
      ['saving-by-mix.svg', savingFigure(result.seed)],
      ['provenance.json', canonicalJson(provenance())],
    ]),
  json: (result) => ({ cases: [...cases(result), ...planningTimes(result)] }),
  report,
});

function answerSeed(solve: SolveProgram, onProgress: (what: string) => void) {
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

function planningTimes({ sets }: PlacementReproduction) {
  return sets.map(({ set, half }) => ({
    name: `${set.name} planned in`,
    value: half.seconds,
    bound: LONGEST_S,
    unit: 's',
  }));
}

/** For the terminal, with the times that planning took: those differ between runs. */
function report({ sets, seed }: PlacementReproduction): string {
  const slowest = Math.max(...sets.map(({ half }) => half.seconds));
  return `
Fewest A100s under ParvaGPU's assumption (batch ≤ half the SLO), at most ${slowest.toFixed(1)} s for a set
${terminalTable(halfSloTable(sets))}

The same placements under Poisson arrivals, and what it takes to keep every p99
${terminalTable(poissonTable(sets))}
${seed.length === 0 ? '' : `\nOne against two tenants per GPU\n${terminalTable(seedTable(seed))}\n`}`;
}
