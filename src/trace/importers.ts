import { closest } from '../base/closest.js';
import { InputError } from '../base/problem.js';
import { placeOf, type TraceReader } from './collect.js';
import { beginAccessLog } from './import/access-log.js';
import { beginTable } from './import/any-table.js';
import { beginAzureFunctions2019 } from './import/azure-functions-2019.js';
import { beginAzureFunctions2021 } from './import/azure-functions-2021.js';
import { beginAzureLlm2023 } from './import/azure-llm-2023.js';
import { importCounts } from './import/counts.js';
import type { ImportedTrace, ImportOptions, SourceFile } from './import/options.js';
import { importPerfAnalyzer } from './import/perf-analyzer.js';
import { importPrometheus } from './import/prometheus/prometheus.js';
import { importServeGen } from './import/servegen.js';
import { importTritonTrace } from './import/triton-trace.js';
import { notesOnUnusedColumns } from './import/unused-columns.js';
import { quoteValue } from './row-problems.js';
import type { Trace } from './trace.js';

export type { ImportedTrace, ImportOptions, SourceFile } from './import/options.js';

/** A source of traces that others publish or write. */
export interface Importer {
  /** One line for people: what it is. */
  readonly description: string;
  /** What the text must look like. */
  readonly format: string;
  /** The options that it heeds, besides `file`. */
  readonly options: readonly (keyof ImportOptions)[];
  /** What `tenantBy` can be. Default: anything. */
  readonly tenantLevels?: readonly string[];
  /** Of tables with a header: the columns that it makes tenants of. */
  readonly tenantColumns?: readonly string[];
  /**
   * Reads a text that is there as a whole; absent where `begin` reads it piece by piece.
   * @throws InputError with every problem of the text
   */
  readonly read?: (text: string, options?: ImportOptions) => Trace | ImportedTrace;
  /** For sources whose files may be longer than a text can be. */
  readonly begin?: (options?: ImportOptions) => TraceReader;
}

const ACCESS_LOG = {
  options: ['tenantBy', 'tenant', 'spread', 'seed', 'fromUs', 'toUs'],
  tenantLevels: ['model', 'path'],
  begin: beginAccessLog,
} as const;

/** The known sources, by the name that the command line takes. */
export const importers: Readonly<Record<string, Importer>> = {
  table: {
    description: 'Any table with a row for each request, such as a log of a gateway',
    format: 'CSV with a header, or JSON Lines: a column with the time, and maybe one with the tenant',
    options: [
      'timeColumn',
      'timeFormat',
      'tenantColumn',
      'tenant',
      'batchColumn',
      'promptTokensColumn',
      'outputTokensColumn',
      'spread',
      'seed',
      'fromUs',
      'toUs',
    ],
    tenantColumns: [],
    begin: beginTable,
  },
  nginx: {
    description: 'Access log of nginx; inferences at /v2/models/NAME are of a tenant NAME',
    format: 'lines like … [16/Nov/2023:18:17:03 +0100] "POST /v2/models/NAME/infer HTTP/1.1" …',
    ...ACCESS_LOG,
  },
  envoy: {
    description: 'Access log of Envoy in its default form; tenants as of nginx',
    format: 'lines like [2023-11-16T18:17:03.310Z] "POST /v2/models/NAME/infer HTTP/2" …',
    ...ACCESS_LOG,
  },
  alb: {
    description: 'Access log of an Application Load Balancer of AWS; tenants as of nginx',
    format:
      'lines like https 2018-07-02T22:23:00.186641Z app/… "POST https://host:443/v2/models/NAME/infer HTTP/1.1" …',
    ...ACCESS_LOG,
  },
  'azure-functions-2019': {
    description: 'Azure Functions Trace 2019: invocations of each function per minute of a day',
    format: 'CSV: HashOwner,HashApp,HashFunction,Trigger,1,…,1440',
    options: ['tenantBy', 'spread', 'seed', 'fromUs', 'toUs', 'maxRequests'],
    tenantLevels: ['function', 'app', 'owner'],
    tenantColumns: ['HashOwner', 'HashApp', 'HashFunction'],
    begin: beginAzureFunctions2019,
  },
  'azure-functions-2021': {
    description: 'Azure Functions Invocation Trace 2021: every invocation over two weeks',
    format: 'CSV: app,func,end_timestamp,duration (seconds)',
    options: ['tenantBy', 'fromUs', 'toUs'],
    tenantLevels: ['function', 'app'],
    tenantColumns: ['app', 'func'],
    begin: beginAzureFunctions2021,
  },
  'azure-llm-2023': {
    description: 'Azure LLM inference traces 2023 and 2024: stamps of requests to language models',
    format: 'CSV: TIMESTAMP,ContextTokens,GeneratedTokens, or a column t_s in seconds',
    options: ['tenant', 'fromUs', 'toUs'],
    tenantColumns: [],
    begin: beginAzureLlm2023,
  },
  servegen: {
    description: 'ServeGen client windows: rate, CV and distribution of gaps per ten minutes',
    format: 'CSV: start s,rate,CV,Gamma|Weibull,… without header, or client,t_s,rate_per_s,iat_cv,iat_dist',
    options: ['tenant', 'binUs', 'seed', 'rateScale', 'fromUs', 'toUs', 'maxRequests'],
    tenantColumns: ['client'],
    read: importServeGen,
  },
  counts: {
    description: 'Plain counts of requests per second or minute, such as of web server logs',
    format: 'numbers with blanks, commas or line ends between them',
    options: ['tenant', 'binUs', 'spread', 'seed', 'fromUs', 'toUs', 'maxRequests'],
    read: importCounts,
  },
  'perf-analyzer': {
    description: "perf_analyzer's profile export: requests as they were sent",
    format: 'JSON: {"experiments": [{"requests": [{"timestamp", "response_timestamps"}]}]}',
    options: ['tenant', 'experiment'],
    read: importPerfAnalyzer,
  },
  'triton-trace': {
    description: "Triton's own trace file: requests as they arrived, one tenant per model",
    format: 'JSON: [{"id", "model_name"}, {"id", "timestamps": [{"name", "ns"}]}]',
    options: [],
    read: importTritonTrace,
  },
  prometheus: {
    description: 'Prometheus: counters of requests, or their rate(), over time',
    format:
      'JSON of /api/v1/query_range: {"data": {"result": [{"metric": {…}, "values": [[seconds, "value"]]}]}}',
    options: ['tenantBy', 'tenant', 'values', 'spread', 'seed', 'fromUs', 'toUs', 'maxRequests'],
    read: importPrometheus,
  },
};

/**
 * Reads what another system wrote.
 *
 * @throws InputError on an unknown source, and with every problem of the text
 */
export function importTrace(from: string, text: string, options: ImportOptions = {}): Trace {
  return importSource(from, [{ text, file: options.file }], options).trace;
}

/**
 * As {@link importTrace}, of a text that comes piece by piece; undefined where the source is read as a whole.
 *
 * @throws InputError on an unknown source
 */
export function beginImport(from: string, options: ImportOptions = {}): ImportReader | undefined {
  const importer = checkedImporter(from, options);
  const reader = importer.begin?.(options);
  if (reader === undefined) return undefined;
  let head = '';
  return {
    push: (text) => {
      if (!head.trimStart().includes('\n')) head += text;
      reader.push(text);
    },
    finish: () => ({
      trace: reader.finish(),
      notes: [...notesOf(importer, head, options), ...(reader.notes?.() ?? [])],
    }),
  };
}

/** Reads a source whose text comes piece by piece. Both throw an InputError with what is wrong, as a {@link TraceReader}. */
export interface ImportReader {
  push(text: string): void;
  finish(): ImportedTrace;
}

/** What must be said of the columns in the first line of a table; one who has chosen the column of tenants knows. */
function notesOf({ tenantColumns }: Importer, text: string, { tenantColumn }: ImportOptions): string[] {
  if (tenantColumns === undefined || tenantColumn !== undefined) return [];
  return notesOnUnusedColumns(text, tenantColumns);
}

/**
 * Reads what another system wrote; also says what it does not tell.
 *
 * @throws InputError on an unknown source, on several files, and with every problem of the file
 */
export function importSource(
  from: string,
  files: readonly SourceFile[],
  options: Omit<ImportOptions, 'file'> = {},
): ImportedTrace {
  const importer = checkedImporter(from, { ...options, file: files[0]?.file });
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) {
    const { text, file } = only;
    const reader = beginImport(from, { ...options, file });
    reader?.push(text);
    if (reader !== undefined) return reader.finish();
    const made = importer.read!(text, { ...options, file });
    const { trace, notes } = 'notes' in made ? made : { trace: made, notes: [] };
    return { trace, notes: [...notesOf(importer, text, options), ...notes] };
  }
  throw InputError.of(
    `${from} takes one file, not ${files.length}`,
    'put the files of one log together first, such as with cat, also .gz; perseus trace merge lets traces begin at the same time, or with --in-turn one after the other',
  );
}

/** The importer of that name, for which the options make sense. @throws InputError */
function checkedImporter(from: string, options: ImportOptions): Importer {
  const importer = Object.hasOwn(importers, from) ? importers[from] : undefined;
  if (importer !== undefined) {
    checkBounds(options);
    checkTenantLevel(importer, options);
    return importer;
  }
  const names = Object.keys(importers);
  const meant = closest(from, names);
  throw InputError.of(
    `there is no importer "${from}"`,
    meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`,
  );
}

function checkTenantLevel({ tenantLevels }: Importer, options: ImportOptions): void {
  const { tenantBy } = options;
  if (tenantBy === undefined || tenantLevels === undefined || tenantLevels.includes(tenantBy)) return;
  throw InputError.of(
    `${quoteValue(tenantBy)} is nothing of which it tells the tenants apart`,
    `write ${tenantLevels.join(' or ')}`,
    { ...placeOf(options), path: '--tenant-by' },
  );
}

function checkBounds(options: ImportOptions): void {
  const { fromUs = 0, toUs = fromUs } = options;
  if (Number.isSafeInteger(fromUs) && Number.isSafeInteger(toUs) && fromUs >= 0 && toUs >= fromUs) return;
  throw InputError.of(
    `cannot take the part from ${fromUs / 1e6} s to ${toUs / 1e6} s`,
    'give whole microseconds from 0 on, the start no later than the end',
  );
}
