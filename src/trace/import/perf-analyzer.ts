import { arrayOf, isObject, readJson } from '../../base/json.js';
import { InputError, type Place } from '../../base/problem.js';
import { someOf } from '../../base/some-of.js';
import { buildTrace } from '../build.js';
import { placeOf } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import type { Trace } from '../trace.js';
import { type ImportOptions, sourceNote } from './options.js';

/** One load level of a perf_analyzer run. */
export interface PerfAnalyzerExperiment {
  /** `concurrency`, `request_rate` or another of perf_analyzer's load modes. */
  readonly mode: string;
  /** The level: requests in flight, or requests per second. NaN where the mode has none. */
  readonly value: number;
  /** When each request was sent; time 0 is the first one. */
  readonly trace: Trace;
  /** From sending to the last response, by row of `trace`; NaN where no response came. */
  readonly latencyUs: Float64Array;
}

/**
 * Reads perf_analyzer's `--profile-export-file` (profile_data_exporter.cc):
 * `{"experiments": [{"experiment": {"mode", "value"}, "requests": [{"timestamp", "sequence_id"?,
 * "response_timestamps": []}]}]}`, times in nanoseconds since 1970. JSON keeps
 * such a number to 256 ns, so latencies are good to a quarter of a microsecond.
 *
 * perf_analyzer stamps the actual sending, which under load is later than the schedule asked for.
 *
 * @throws InputError with the path of every problem
 */
export function readPerfAnalyzer(text: string, options: ImportOptions = {}): PerfAnalyzerExperiment[] {
  const place = placeOf(options);
  const root = readJson(text, place);
  if (!isObject(root) || !Array.isArray(root['experiments'])) {
    throw InputError.of('there is no list "experiments"', REMEDY, place);
  }
  const problems = new RowProblems(place);
  const found = root['experiments'].map((experiment, index) =>
    readExperiment(experiment, `experiments[${index}]`, problems),
  );
  problems.throwIfAny();
  return found.map((experiment, index) => toExperiment(experiment as RawExperiment, index, options));
}

/**
 * The requests of one experiment as a trace. A file with several needs `experiment`: they ran one
 * after the other at different loads, and together are no traffic.
 *
 * @throws InputError as {@link readPerfAnalyzer}, and when the experiment is not told or not there
 */
export function importPerfAnalyzer(text: string, options: ImportOptions = {}): Trace {
  const experiments = readPerfAnalyzer(text, options);
  const index = options.experiment ?? (experiments.length === 1 ? 0 : -1);
  const chosen = experiments[index];
  if (chosen !== undefined) return chosen.trace;
  throw InputError.of(
    options.experiment === undefined
      ? `the file has ${experiments.length} experiments`
      : `there is no experiment ${options.experiment}`,
    experiments.length === 0 ? REMEDY : `choose an experiment: ${levelsOf(experiments)}`,
    placeOf(options),
  );
}

const REMEDY = 'give a file that perf_analyzer wrote with --profile-export-file';

/** Far longer than any mode's name. */
const LONGEST_MODE = 60;

interface RawRequest {
  readonly sentNs: number;
  readonly endedNs: number;
  readonly sequenceId: number;
}

interface RawExperiment extends Pick<PerfAnalyzerExperiment, 'mode' | 'value'> {
  readonly requests: readonly RawRequest[];
}

function readExperiment(experiment: unknown, path: string, problems: RowProblems): RawExperiment | undefined {
  const requests = isObject(experiment) ? arrayOf(experiment['requests']) : undefined;
  if (!isObject(experiment) || requests === undefined) {
    problems.add({ path, what: 'has no list "requests"', remedy: REMEDY });
    return undefined;
  }
  const level = isObject(experiment['experiment']) ? experiment['experiment'] : {};
  const { mode, value } = level;
  return {
    mode: typeof mode === 'string' ? mode.slice(0, LONGEST_MODE) : 'unknown',
    value: typeof value === 'number' ? value : Number.NaN,
    requests: requests.flatMap((request, row) => readRequest(request, `${path}.requests[${row}]`, problems)),
  };
}

function readRequest(request: unknown, path: string, problems: RowProblems): RawRequest[] {
  const fields = isObject(request) ? request : {};
  const sentNs = fields['timestamp'];
  const responses = arrayOf(fields['response_timestamps']) ?? [];
  const sequenceId = fields['sequence_id'] ?? 0;
  if (!isTime(sentNs)) {
    problems.add({ path: `${path}.timestamp`, what: `${quoteValue(sentNs)} is not a time in nanoseconds` });
  } else if (!responses.every((ns) => isTime(ns) && ns >= sentNs)) {
    problems.add({
      path: `${path}.response_timestamps`,
      what: 'holds something else than times in nanoseconds after the sending',
    });
  } else if (!Number.isSafeInteger(sequenceId) || (sequenceId as number) < 0) {
    problems.add({ path: `${path}.sequence_id`, what: `${quoteValue(sequenceId)} is not a sequence id` });
  } else {
    const endedNs = (responses as number[]).reduce((last, ns) => Math.max(last, ns), -1);
    return [{ sentNs, endedNs: endedNs === -1 ? Number.NaN : endedNs, sequenceId: sequenceId as number }];
  }
  return [];
}

function isTime(ns: unknown): ns is number {
  return typeof ns === 'number' && Number.isFinite(ns) && ns >= 0;
}

function toExperiment(raw: RawExperiment, index: number, options: ImportOptions): PerfAnalyzerExperiment {
  const place: Place = { ...placeOf(options), path: `experiments[${index}]` };
  const requests = [...raw.requests].sort((a, b) => a.sentNs - b.sentNs);
  const startNs = requests[0]?.sentNs ?? 0;
  const hasSequences = requests.some((request) => request.sequenceId !== 0);
  const trace = buildTrace(
    {
      arrivalUs: requests.map(({ sentNs }) => Math.round((sentNs - startNs) / 1000)),
      tenants: [options.tenant ?? DEFAULT_TENANT],
      sequenceId: hasSequences ? requests.map(({ sequenceId }) => sequenceId) : undefined,
      source: `perf_analyzer ${levelOf(raw)}${sourceNote(options)}`,
    },
    { place },
  );
  return {
    mode: raw.mode,
    value: raw.value,
    trace,
    latencyUs: Float64Array.from(requests, ({ sentNs, endedNs }) => (endedNs - sentNs) / 1000),
  };
}

/** The load mode, with its level where it has one. */
function levelOf({ mode, value }: Pick<PerfAnalyzerExperiment, 'mode' | 'value'>): string {
  return Number.isNaN(value) ? mode : `${mode} ${value}`;
}

/** The first experiments, by number, as a message lists them. */
function levelsOf(experiments: readonly PerfAnalyzerExperiment[]): string {
  return someOf(
    experiments.map((experiment, at) => `${at} (${levelOf(experiment)})`),
    20,
  );
}
