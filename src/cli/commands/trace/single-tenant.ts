import { InputError, readAll } from '../../../base/problem.js';
import { DEFAULT_TENANT } from '../../../trace/columns.js';
import type { ArrivalProcess } from '../../../trace/synthesis/process.js';
import { checkGiven } from '../../check-values.js';
import { secondsOf } from '../../duration.js';
import type { GenerateArguments } from './generate.js';
import { checkTenant, type GeneratedTenant, parseProcess } from './generated-tenants.js';
import { PROCESS_KINDS, processAsArgument } from './process-kinds.js';

/**
 * The tenant that the options of `trace generate` describe.
 *
 * @throws InputError with everything that is wrong or missing
 */
export function singleTenant(args: GenerateArguments): GeneratedTenant {
  const { tenant = DEFAULT_TENANT, duration } = args;
  const process = args.process ?? args['process-json'];
  checkGiven({ '--process, --process-json or --spec': process, '--duration': duration });
  const given = { tenant, batchSize: args['batch-size'], requestBytes: args['request-bytes'] };
  const lengths: number[] = [];
  const [, checked] = readAll<() => GeneratedTenant | undefined, GeneratedTenant | undefined>(
    [
      () => {
        lengths.push(secondsOf('--duration', duration!));
        return undefined;
      },
      // Where the length is wrong the rest is checked with another one.
      () =>
        checkTenant(
          { ...withoutMissing(given), durationS: lengths[0] ?? 1, process: processOf(args) },
          optionFor,
        ),
    ],
    (read) => read(),
  );
  return checked!;
}

/** What the options say of the process; only --process-json is checked here, as it is a text of its own. */
function processOf(args: GenerateArguments): unknown {
  if (args['process-json'] !== undefined) return parseProcess(args['process-json'], '--process-json');
  const kind = args.process!;
  if (!SIMPLE_KINDS.includes(kind)) throw needsJson(kind);
  return withoutMissing({ kind, ratePerS: args.rate, cv: args.cv });
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

function withoutMissing(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The option that sets a field. */
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
