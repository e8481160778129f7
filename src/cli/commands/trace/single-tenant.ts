import * as z from 'zod';
import { checkAgainst } from '../../../base/document/schema-problems.js';
import { parseDocumentWith } from '../../../base/document.js';
import { given } from '../../../base/given.js';
import { formatPath } from '../../../base/path.js';
import { InputError, ProblemList } from '../../../base/problem.js';
import { expectedSteps, MOST_STEPS } from '../../../scenario/check/load-size.js';
import { bytes, MAX_BYTES, name, secondsAboveZero } from '../../../scenario/spec/values.js';
import { DEFAULT_TENANT } from '../../../trace/columns.js';
import { largestBatchSize } from '../../../trace/synthesis/batch-sizes.js';
import type { ArrivalProcess } from '../../../trace/synthesis/process.js';
import { arrivalProcessSchema, batchSizesSchema } from '../../../trace/synthesis/process-schema.js';
import { checkGiven } from '../../check-values.js';
import { secondsOf } from '../../duration.js';
import type { GenerateArguments } from './generate.js';
import { PROCESS_KINDS, processAsArgument } from './process-kinds.js';

/** With the words of a scenario file; bytes are per inference. */
const tenantSchema = z.strictObject({
  tenant: name,
  process: arrivalProcessSchema,
  durationS: secondsAboveZero,
  batchSize: batchSizesSchema.exactOptional(),
  requestBytes: bytes.exactOptional(),
});

export type GeneratedTenant = z.output<typeof tenantSchema>;

/**
 * The tenant that the options of `trace generate` describe.
 *
 * @throws InputError with everything that is wrong or missing
 */
export function singleTenant(args: GenerateArguments): GeneratedTenant {
  const { tenant = DEFAULT_TENANT, duration } = args;
  const process = args.process ?? args['process-json'];
  checkGiven({ '--process or --process-json': process, '--duration': duration });
  const problems = new ProblemList();
  // Where the length is wrong the rest is checked with another one.
  const durationS = problems.attempt(() => secondsOf('--duration', duration!)) ?? 1;
  const checked = problems.attempt(() => checkTenant(args, { tenant, durationS, process: processOf(args) }));
  problems.throwIfAny();
  return checked!;
}

function checkTenant(args: GenerateArguments, known: object): GeneratedTenant {
  const sizes = given({ batchSize: args['batch-size'], requestBytes: args['request-bytes'] });
  const { value, problems } = checkAgainst(tenantSchema, { ...known, ...sizes });
  if (value === undefined)
    throw new InputError(
      problems.map(({ atKey: _, path, ...rest }) => ({ ...rest, path: optionFor(formatPath(path)) })),
    );
  const steps = expectedSteps(value.process, value.durationS);
  if (steps > MOST_STEPS)
    throw InputError.of(
      `about ${steps.toPrecision(3)} requests or changes of rate`,
      `lower the rate or the duration: at most ${MOST_STEPS}`,
    );
  if ((value.requestBytes ?? 0) * largestBatchSize(value.batchSize ?? 1) > MAX_BYTES)
    throw InputError.of(
      `a request of the largest batch size has more than ${MAX_BYTES} bytes`,
      'lower the bytes per inference or the batch size',
    );
  return value;
}

/** What the options say of the process; only --process-json is checked here, as it is a text of its own. */
function processOf(args: GenerateArguments): unknown {
  if (args['process-json'] !== undefined) return parseProcess(args['process-json'], '--process-json');
  const kind = args.process!;
  if (!SIMPLE_KINDS.includes(kind)) throw needsJson(kind);
  return given({ kind, ratePerS: args.rate, cv: args.cv });
}

/** The kinds that a rate and perhaps a CV say everything about. */
const SIMPLE_KINDS: readonly ArrivalProcess['kind'][] = ['constant', 'poisson', 'gamma', 'weibull'];

function needsJson(kind: ArrivalProcess['kind']): InputError {
  return InputError.of(
    `${kind} has more fields than --rate and --cv`,
    `write for example --process-json ${processAsArgument(PROCESS_KINDS[kind].example)}`,
    { path: '--process' },
  );
}

function optionFor(path: string): string {
  return OPTIONS[path] ?? path;
}

const OPTIONS: Readonly<Record<string, string>> = {
  tenant: '--tenant',
  durationS: '--duration',
  batchSize: '--batch-size',
  requestBytes: '--request-bytes',
  'process.ratePerS': '--rate',
  'process.cv': '--cv',
};

/** Reads one process, YAML or JSON; `name` is where it stands. @throws InputError */
export function parseProcess(text: string, name: string): ArrivalProcess {
  const { value, problems } = parseDocumentWith(arrivalProcessSchema, text, { file: name });
  if (value === undefined) throw new InputError(problems);
  return value;
}
