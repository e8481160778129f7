import { placeOf, rowReader, type TraceReader } from '../collect.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { TextLines } from '../text-lines.js';
import { Arrivals } from './arrivals.js';
import type { ImportOptions } from './options.js';
import { parseStampUs } from './stamp.js';

/**
 * Access logs of nginx (`combined` and its like) and of Envoy's default form: lines with a stamp in brackets and the
 * request in quotes after it. Inferences at `/v2/models/NAME/…`, as Triton takes them, are those of a tenant NAME; with
 * `tenantBy: path` each path is a tenant. nginx tells whole seconds: its requests are spread over them, at random unless
 * `spread` says otherwise. The stamp is when nginx had answered, and when a request came to Envoy.
 *
 * @throws InputError with every line that has no such stamp
 */
export function beginAccessLog(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const requests = new Arrivals(options);
  const addLine = (content: string, line: number) => {
    if (content.trim() === '') return;
    problems.rows++;
    const [, stamp = '', target = ''] = LINE.exec(content) ?? [];
    const us = parseStampUs(isoOf(stamp));
    const tenant = tenantOf(target, options);
    if (Number.isSafeInteger(us) && tenant) requests.add(us, tenant);
    else if (Number.isSafeInteger(us)) requests.addUnnamed(us);
    else problems.add({ line, what: `${quoteValue(content)} has no time in brackets`, remedy: REMEDY });
  };
  const lines = new TextLines(addLine, placeOf(options));
  const reader = rowReader(lines, problems, () =>
    requests.toTrace('access log', { originUs: requests.earliestUs, spread: options.spread ?? 'uniform' }),
  );
  return {
    ...reader,
    notes: () =>
      requests.notesOnUnnamed(options.tenantBy === 'path' ? 'name no path' : 'are no inferences of a model'),
  };
}

/** The stamp, and the target of the request; what scanners send has none. */
const LINE = /\[([^\]]*)\](?: "[^\s"]+ ([^\s"]+))?/;

/** What Triton's inference and generate extensions take. Health checks, statistics and configurations stand beside it. */
const INFERENCE = /^\/v2\/models\/([^/]+)(?:\/versions\/[^/]+)?\/(?:infer|generate|generate_stream)$/;

const REMEDY = 'write the form combined of nginx or the default one of Envoy; for others use --from table';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `16/Nov/2023:18:17:03 +0100` as a stamp that begins with the year; others as they are. */
function isoOf(stamp: string): string {
  const [, day, month = '', year, time] = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(.*)$/.exec(stamp) ?? [];
  if (day === undefined) return stamp;
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day} ${time}`;
}

function tenantOf(target: string, { tenantBy }: ImportOptions): string | undefined {
  const path = target.split('?', 1)[0]!;
  return tenantBy === 'path' ? path : INFERENCE.exec(path)?.[1];
}
