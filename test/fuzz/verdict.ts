import { formatProblem, InputError, type Problem } from '../../src/base/problem.js';
import { type Family, INPUT_FILE } from './family.js';

/** What became of one input. */
export interface Verdict {
  readonly outcome: 'accepted' | 'refused' | 'failed';
  /** Processor time that it took to read, in milliseconds: it does not depend on what else runs. */
  readonly ms: number;
  /** What is wrong with a reading that failed. */
  readonly reason?: string;
}

/** No input of a few kilobytes may take longer, nor need more memory outside the heap. */
const MOST_MS = 2000;
const MOST_BUFFER_BYTES = 768 * 2 ** 20;

/** Reads one input and judges it: a checked value or a clear refusal is right, anything else a failure. */
export async function judge(family: Family, input: Uint8Array): Promise<Verdict> {
  const buffersBefore = process.memoryUsage().arrayBuffers;
  const first = await attempt(family, input);
  const buffers = process.memoryUsage().arrayBuffers - buffersBefore;
  if (first.outcome === 'failed') return first;
  if (buffers > MOST_BUFFER_BYTES) {
    return { ...first, outcome: 'failed', reason: `takes ${Math.round(buffers / 2 ** 20)} MiB of buffers` };
  }
  const { mostMs = MOST_MS } = family;
  if (first.ms <= mostMs) return first;
  // The first reading may have paid for compiling: only an input that is slow twice is slow.
  const second = await attempt(family, input);
  const ms = Math.min(first.ms, second.ms);
  if (ms <= mostMs) return { ...first, ms };
  return { outcome: 'failed', ms, reason: 'takes too long' };
}

function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

async function attempt(family: Family, input: Uint8Array): Promise<Verdict> {
  const start = process.cpuUsage();
  try {
    await family.read(input.slice());
    return { outcome: 'accepted', ms: cpuMsSince(start) };
  } catch (error) {
    const ms = cpuMsSince(start);
    if (!(error instanceof InputError)) return { outcome: 'failed', ms, reason: describeError(error) };
    const reason = unclearIn(error, family, input);
    return reason === undefined ? { outcome: 'refused', ms } : { outcome: 'failed', ms, reason };
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `throws ${String(error)}`;
  const origin = error.stack?.split('\n').find((line) => /^\s+at .*\/(src|node_modules)\//.test(line));
  const place = error.name === 'Violation' ? '' : (/(src|node_modules)\/[^)]*/.exec(origin ?? '')?.[0] ?? '');
  return `${error.name}: ${error.message.slice(0, 300)}${place === '' ? '' : ` (${place})`}`;
}

/** A reader has to see the whole of a problem, and that there are not too many of them. */
const LONGEST_PROBLEM = 2000;
const MOST_PROBLEMS = 2000;

/** What is not clear about a refusal; undefined where each problem can be understood and found. */
function unclearIn({ problems }: InputError, family: Family, input: Uint8Array): string | undefined {
  if (problems.length === 0) return 'is refused without a problem';
  if (problems.length > MOST_PROBLEMS) return `is refused with ${problems.length} problems`;
  const slips = slipsIn(family, input);
  for (const problem of problems) {
    const flaw = flawOf(problem, family, slips);
    if (flaw !== undefined) return `${flaw}: ${JSON.stringify(formatProblem(problem).slice(0, 300))}`;
  }
  return undefined;
}

function flawOf(problem: Problem, family: Family, slips: readonly RegExp[]): string | undefined {
  const { file, line, column, what, remedy = '' } = problem;
  if (typeof what !== 'string' || what.trim() === '') return 'a problem without words';
  if (file === undefined) return 'a problem without its file';
  if (!isPosition(line) || !isPosition(column)) return 'a problem with an impossible position';
  if (line === undefined && family.everyProblemHasLine && file === INPUT_FILE && !isOnWhole(what)) {
    return 'a problem without a line';
  }
  const text = formatProblem(problem);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return 'a problem that breaks its line';
  if (text.length > LONGEST_PROBLEM) return `a problem of ${text.length} characters`;
  if (slips.some((slip) => slip.test(`${what} ${remedy}`))) return 'a problem with a slip of ours in it';
  return undefined;
}

/** Values of ours that went astray: words that no problem should say, where they are not the input's own. */
function slipsIn({ isText }: Family, input: Uint8Array): readonly RegExp[] {
  if (isText !== true) return [];
  const text = new TextDecoder().decode(input);
  return SLIPS.flatMap(([own, slip]) => (own.test(text) ? [] : [slip]));
}

/** A quoted input may be cut right after such a word, but not before it: `tenant` has no `nan`. */
const SLIPS = [
  [/(?<![a-z])nan/i, /\bnan\b/i],
  [/undefined/i, /\bundefined\b/],
  [/\[object/i, /\[object/],
] as const;

function isPosition(value: number | undefined): boolean {
  return value === undefined || (Number.isInteger(value) && value >= 1);
}

function isOnWhole(what: string): boolean {
  return /^the text has \d+ characters|^and \d+ more problems|^is not JSON/.test(what);
}
