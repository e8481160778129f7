import { InputError, type Problem } from '../../../base/problem.js';
import { DEFAULT_TENANT } from '../../../trace/columns.js';
import type { ArrivalProcess } from '../../../trace/synthesis/process.js';
import { validateBatchSizes, validateProcess } from '../../../trace/synthesis/validate-process.js';
import { checkGiven } from './check-values.js';
import type { GenerateArguments } from './generate.js';
import { checkSize, type GeneratedTenant, parseProcess } from './generated-tenants.js';
import { PROCESS_KINDS, processAsArgument } from './process-kinds.js';

/**
 * The tenant that the options of `trace generate` describe.
 *
 * @throws InputError with everything that is wrong or missing
 */
export function singleTenant(args: GenerateArguments): GeneratedTenant {
  const { duration: durationS, tenant = DEFAULT_TENANT, 'batch-size': batchSize } = args;
  checkGiven({
    '--process, --process-json or --spec': args.process ?? args['process-json'],
    '--duration': durationS,
  });
  const process = processOf(args);
  const generated = { tenant, process, durationS: durationS!, ...(batchSize !== undefined && { batchSize }) };
  const problems = batchSize === undefined ? [] : validateBatchSizes(batchSize, '--batch-size');
  if (!(durationS! > 0)) {
    throw new InputError([
      ...problems,
      { path: '--duration', what: 'is not above 0', remedy: 'write seconds' },
    ]);
  }
  if (problems.length > 0) throw new InputError(problems);
  checkSize([generated], () => ({}));
  return generated;
}

function processOf(args: GenerateArguments): ArrivalProcess {
  const json = args['process-json'];
  if (json !== undefined) return parseProcess(json, '--process-json');
  const kind = args.process!;
  if (!SIMPLE_KINDS.includes(kind)) throw needsJson(kind);
  const { rate: ratePerS, cv } = args;
  const fields = { kind, ...(ratePerS !== undefined && { ratePerS }), ...(cv !== undefined && { cv }) };
  const { process, problems } = validateProcess(fields, '');
  if (process === undefined) throw new InputError(problems.map(asOption));
  return process;
}

/** The kinds that a rate and perhaps a CV say everything about. */
const SIMPLE_KINDS: readonly ArrivalProcess['kind'][] = ['constant', 'poisson', 'gamma', 'weibull'];

function needsJson(kind: ArrivalProcess['kind']): InputError {
  const { example } = PROCESS_KINDS[kind];
  return InputError.of(
    `${kind} has more fields than --rate and --cv`,
    `write for example --process-json ${processAsArgument(example)}`,
    { path: '--process' },
  );
}

/** Names a field by the option that sets it. */
function asOption(problem: Problem): Problem {
  const path = problem.path === 'ratePerS' ? '--rate' : `--${problem.path}`;
  return { ...problem, path };
}
