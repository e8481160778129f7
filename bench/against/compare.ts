import { InputError } from '../../src/base/problem.js';
import { commit, machineName } from '../../src/node/runs/package-facts.js';
import type { BenchCase } from '../cases.js';
import type { Measured } from '../measure.js';
import { runMeasure } from '../run-measure.js';
import { perSecond } from '../speed.js';
import { type Spread, spreadOf } from '../spread.js';
import { type OtherCommit, withCommit } from './worktree.js';

/** Two commits compared, by requests per second of CPU time. */
export interface Comparison {
  readonly machine: string;
  readonly node: string;
  readonly commit: string | null;
  readonly against: { readonly rev: string; readonly commit: string };
  readonly cases: readonly (ComparedCase | SkippedCase)[];
}

export interface ComparedCase {
  readonly name: string;
  /** Requests per second of CPU time of each run. */
  readonly ours: Spread;
  readonly theirs: Spread;
  /** Ours over theirs: the median of the ratios of the pairs. Above 1 this checkout is faster. */
  readonly againstRatio: number;
  /** Ratio of each pair. */
  readonly pairRatios: Spread;
  /** The same as `againstRatio`, of wall time. */
  readonly againstRatioOfWallTime: number;
  /** Whether both answered as many requests, with the same mean latency: otherwise they did not do the same work. */
  readonly sameResults: boolean;
}

export interface SkippedCase {
  readonly name: string;
  readonly cannotRun: string;
}

const LEAST_PAIRS = 5;
/** A run repeats its case until it has simulated about so many requests, and so lasts for half a second or more. */
const REQUESTS_PER_RUN = 2e7;

/**
 * Runs cases on this checkout and on another commit in turn.
 * @throws InputError when git knows no such commit, or `pairs` is no count from 5 on
 */
export async function compareWith(
  rev: string,
  cases: readonly BenchCase[],
  { pairs, say }: { readonly pairs: string | undefined; readonly say: (text: string) => void },
): Promise<Comparison> {
  const count = pairs === undefined ? LEAST_PAIRS : Number(pairs);
  if (!Number.isInteger(count) || count < LEAST_PAIRS)
    throw InputError.of(`--pairs ${pairs}: no whole number from ${LEAST_PAIRS} on`, 'leave it out for 5');
  return withCommit(rev, async (other) => {
    const ourCommit = commit() ?? null;
    const common = { machine: machineName(), node: process.version, commit: ourCommit };
    say(
      `${ourCommit ?? 'no commit'} (A) against ${other.commit} (B), ${common.machine}, Node ${common.node}`,
    );
    say(`${count} pairs, in turn; million requests per second of CPU time, median (min to max)\n`);
    const compared: (ComparedCase | SkippedCase)[] = [];
    for (const bench of cases) {
      const result = await compareCase(bench, count, other);
      compared.push(result);
      say(textOf(result));
    }
    return { ...common, against: { rev, commit: other.commit }, cases: compared };
  });
}

async function compareCase(
  bench: BenchCase,
  pairs: number,
  { folder, signal }: OtherCommit,
): Promise<ComparedCase | SkippedCase> {
  const { name } = bench;
  const { requests } = bench.workload;
  const repeats = Math.max(2, Math.ceil(REQUESTS_PER_RUN / requests));
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    for (const [into, where] of [[ours], [theirs, folder]] as const) {
      const measured = await runMeasure({ name, repeats, requests, folder: where, signal }).catch(failureOf);
      if ('missing' in measured)
        return { name, cannotRun: `${where === undefined ? 'here' : 'there'}: ${measured.missing}` };
      into.push(measured);
    }
  }
  const ratios = ratiosOf(ours, theirs, 'cpuS');
  return {
    name,
    ours: spreadOf(ratesOf(ours, 'cpuS')),
    theirs: spreadOf(ratesOf(theirs, 'cpuS')),
    againstRatio: ratios.median,
    pairRatios: ratios,
    againstRatioOfWallTime: ratiosOf(ours, theirs, 'wallS').median,
    sameResults: [...ours, ...theirs].every((run) => isSame(run, ours[0]!)),
  };
}

/** A run that failed is told as a case that cannot be run; its stderr has said why. */
function failureOf(error: Error): { readonly missing: string } {
  return { missing: error.message };
}

/** The median rate of each run. */
function ratesOf(runs: readonly Measured[], time: 'cpuS' | 'wallS'): number[] {
  return runs.map(({ requests, repeats }) => perSecond(requests, repeats, time).median);
}

function ratiosOf(ours: readonly Measured[], theirs: readonly Measured[], time: 'cpuS' | 'wallS'): Spread {
  const others = ratesOf(theirs, time);
  return spreadOf(ratesOf(ours, time).map((rate, pair) => rate / others[pair]!));
}

function isSame(run: Measured, first: Measured): boolean {
  return run.requests === first.requests && run.meanLatencyMs === first.meanLatencyMs;
}

function textOf(result: ComparedCase | SkippedCase): string {
  if ('cannotRun' in result) return `${result.name}: cannot be run ${result.cannotRun}`;
  const { name, ours, theirs, againstRatio, pairRatios, sameResults } = result;
  const range = `${pairRatios.min.toFixed(2)} to ${pairRatios.max.toFixed(2)}`;
  const note = sameResults ? '' : '; their results differ';
  return `${name}\n  A ${rates(ours)}, B ${rates(theirs)}, A/B ${againstRatio.toFixed(3)} (${range})${note}`;
}

function rates({ median, min, max }: Spread): string {
  const [middle, least, most] = [median, min, max].map((rate) => (rate / 1e6).toFixed(1));
  return `${middle} (${least} to ${most})`;
}
