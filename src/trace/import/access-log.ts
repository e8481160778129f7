import { placeOf, rowReader, type TraceReader } from '../collect.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { TextLines } from '../text-lines.js';
import { Arrivals } from './arrivals.js';
import type { ImportOptions } from './options.js';
import { modelOfPath, pathOf } from './request-line.js';
import { parseStampUs } from './stamp.js';

/**
 * Access logs of nginx (`combined` and its like) and of Envoy's default form: lines with a stamp in brackets and the
 * request in quotes after it; and of AWS's Application Load Balancers, as its guide on access logs has them. Inferences at `/v2/models/NAME/…`, as Triton takes them, are those of a tenant NAME; with
 * `tenantBy: path` each path is a tenant. nginx tells whole seconds: its requests are spread over them, at random unless
 * `spread` says otherwise. The stamp is when nginx had answered, and when a request came to Envoy or to the load balancer.
 *
 * @throws InputError with every line that has no such stamp
 */
export function beginAccessLog(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const requests = new Arrivals(options);
  const addLine = (content: string, line: number) => {
    if (content.trim() === '') return;
    problems.rows++;
    const [stamp, target] = partsOf(content);
    const us = parseStampUs(stamp);
    const tenant = tenantOf(target, options);
    if (Number.isSafeInteger(us) && tenant) requests.add(us, tenant);
    else if (Number.isSafeInteger(us)) requests.addUnnamed(us);
    else problems.add({ line, what: `${quoteValue(content)} is no line of an access log`, remedy: REMEDY });
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

/** type, time, ten more fields, "request", then … "chosen_cert_arn" matched_rule_priority request_creation_time "actions_executed" …. */
const BALANCER_LINE =
  /^[a-z0-9]+ (\d[^\s"]*Z) (?:[^\s"]+ ){10}"[^\s"]+ ([^\s"]+)[^"]*"(?:.*" [^\s"]+ (\d[^\s"]*Z) ")?/;

const REMEDY =
  'write the form combined of nginx, the default one of Envoy, or that of a load balancer of AWS; for others use --from table';

/** The stamp and the target of a line. A load balancer also says when the request came to it, as the later of its two stamps. */
function partsOf(content: string): readonly [stamp: string, target: string] {
  const [isBalancer, answered = '', requested = '', created = answered] = BALANCER_LINE.exec(content) ?? [];
  if (isBalancer !== undefined) return [created, requested];
  const [, stamp = '', target = ''] = LINE.exec(content) ?? [];
  return [stamp, target];
}

function tenantOf(target: string, { tenantBy }: ImportOptions): string | undefined {
  const path = pathOf(target);
  return tenantBy === 'path' || path === undefined ? path : modelOfPath(path);
}
