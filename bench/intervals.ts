import { runScript } from '../scripts/support/run-script.js';
import { countOf, scriptOptions } from '../scripts/support/script-options.js';
import { measuredTenants } from '../src/metrics/measured-tenant.js';
import { summarizeReplications } from '../src/metrics/replications.js';
import { type SummaryWithLatencies, summarizeWithLatencies } from '../src/metrics/summarize.js';
import { type Estimate, percentileOf, type Summary } from '../src/metrics/summary.js';
import { simulate } from '../src/simulator/simulate.js';
import { type IntervalCase, intervalCases } from './interval-cases/cases.js';

/** How often the intervals of one figure hold the truth. */
interface Coverage {
  readonly load: string;
  readonly requests: number;
  /** Replications behind each interval. */
  readonly runs: number;
  readonly figure: string;
  /** Of the intervals that are known. */
  readonly heldPercent: number;
  /** Share without an interval. */
  readonly silentPercent: number;
  /** Median width of the known intervals in percent of the truth. */
  readonly widthPercent: number;
}

const REPLICATIONS = 5;

/** Of single runs, and of five replications each. */
function coverageOf(loadCase: IntervalCase, requests: number, runs: number): readonly Coverage[] {
  const singles = Array.from({ length: runs }, (_, i) => summaryOf(loadCase, requests, i + 1));
  const groups = Array.from({ length: Math.floor(runs / REPLICATIONS) }, (_, i) =>
    summarizeReplications(singles.slice(REPLICATIONS * i, REPLICATIONS * (i + 1))),
  );
  return [singles.map(({ summary }) => summary), groups].flatMap((summaries, i) =>
    figuresOf(loadCase).map(({ figure, truth, of }) => ({
      load: loadCase.name,
      requests,
      runs: i === 0 ? 1 : REPLICATIONS,
      figure,
      ...sharesOf(summaries.map(of), truth),
    })),
  );
}

function summaryOf(loadCase: IntervalCase, requests: number, seed: number): SummaryWithLatencies {
  const run = loadCase.scenarioOf(requests, seed);
  const { log } = simulate(run);
  const { name: scenarioName, warmUpUs, tenants } = run;
  return summarizeWithLatencies({ scenarioName, seed, warmUpUs, tenants: measuredTenants(tenants), log });
}

function figuresOf({ percentile, limitMs, meanMs, ratePerS }: IntervalCase) {
  const only = ({ tenants }: Summary) => tenants[0]!;
  return [
    { figure: 'mean', truth: meanMs, of: (run: Summary) => only(run).latencyMs.mean },
    { figure: `p${percentile}`, truth: limitMs, of: (run: Summary) => percentileOf(only(run), percentile)! },
    { figure: 'in limit', truth: percentile / 100, of: (run: Summary) => only(run).slo!.attainment },
    { figure: 'throughput', truth: ratePerS, of: (run: Summary) => only(run).throughputPerS },
    { figure: 'goodput', truth: (ratePerS * percentile) / 100, of: (run: Summary) => only(run).goodputPerS },
  ];
}

function sharesOf(estimates: readonly Estimate[], truth: number) {
  const known = estimates.filter(({ low, high }) => !Number.isNaN(low) && !Number.isNaN(high));
  const held = known.filter(({ low, high }) => low <= truth && truth <= high);
  const widths = known.map(({ low, high }) => high - low).sort((a, b) => a - b);
  return {
    heldPercent: (100 * held.length) / known.length,
    silentPercent: 100 * (1 - known.length / estimates.length),
    widthPercent: (100 * (widths[widths.length >>> 1] ?? Number.NaN)) / truth,
  };
}

const ABOUT = `How often the 95 % intervals of a simulation hold the truth. Prints a table of shares in percent: of the runs that give an
interval, how many hold the truth, and of all, how many give none.`;

const HEADER = ['load', 'requests', 'runs', 'figure', 'holds %', 'none %', 'median width %'];

function row({ load, requests, runs, figure, heldPercent, silentPercent, widthPercent }: Coverage): string {
  const shares = [heldPercent, silentPercent, widthPercent].map((share) => share.toFixed(1));
  return `| ${[load, requests, runs, figure, ...shares].join(' | ')} |`;
}

function main(): void {
  const values = scriptOptions('npm run bench:intervals', ABOUT, {
    runs: { takes: 'N', default: '400', help: 'runs of each case' },
    only: { takes: 'TEXT', default: '', help: 'only loads whose name holds this text' },
  });
  const runs = countOf('runs', values.runs);
  process.stdout.write(`| ${HEADER.join(' | ')} |\n|${'---|'.repeat(HEADER.length)}\n`);
  for (const loadCase of intervalCases()) {
    if (!loadCase.name.includes(values.only)) continue;
    for (const requests of [2400, 20_000]) {
      for (const coverage of coverageOf(loadCase, requests, runs)) {
        process.stdout.write(`${row(coverage)}\n`);
      }
    }
  }
}

await runScript(main);
