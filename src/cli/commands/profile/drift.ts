import type { InferredOptionTypes } from 'yargs';
import { InputError } from '../../../base/problem.js';
import type { ModelProfile } from '../../../profile/profile.js';
import { command } from '../../command.js';
import { requireNumbers } from '../../number-options.js';
import { printResult, textOptions } from '../../output.js';
import { refuseUnused } from '../../unused-options.js';
import {
  counterOptions,
  factOptions,
  filesOption,
  profilesOfCounters,
  profilesOfTrace,
  type TrafficArguments,
  traceOptions,
} from './traffic-options.js';

const driftOptions = {
  trace: { type: 'string', describe: 'Triton trace file of production traffic' },
  metrics: {
    ...filesOption,
    describe: 'Pages of /metrics in order of time, or answers of Prometheus to query_range',
  },
  tolerance: { type: 'number', default: 5, describe: 'Change in percent up to which nothing has drifted' },
  json: { type: 'boolean', default: false, describe: 'Print as JSON' },
  config: factOptions.config,
  ...traceOptions,
  ...counterOptions,
} as const;

type DriftArguments = InferredOptionTypes<typeof driftOptions> & {
  readonly stored: string;
  readonly observed: string | undefined;
};

/** Exit code when a model has drifted: for a scheduled job that calls somebody. */
const DRIFTED = 1;

export const driftCommand = command({
  command: 'drift <stored> [observed]',
  describe: 'Whether a stored profile still holds for production traffic; exit code 1 when it has drifted',
  builder: (yargs) =>
    yargs
      .positional('stored', {
        type: 'string',
        demandOption: true,
        describe: 'Profile file, or a folder of them',
      })
      .positional('observed', { type: 'string', describe: 'A newer profile, or a folder of them' })
      .options(driftOptions)
      .example('$0 profile drift resnet50.profile.json --trace trace.json', 'against a trace file of today')
      .example(
        '$0 profile drift calibration/t4 --metrics 10h.txt 11h.txt 12h.txt --json',
        'against counters; of all models that have a profile',
      )
      .example('$0 profile drift old.profile.json new.profile.json', 'two calibrations'),
  handler: async (args) => {
    requireOneSource(args);
    refuseOthers(args);
    const { readProfiles } = await import('../../../node/scenario/profile-files.js');
    const { compareProfiles } = await import('../../../calibrate/drift/drift.js');
    const { driftToJson, driftToText, hasDrifted } = await import('../../../calibrate/drift/drift-text.js');
    const stored = (await readProfiles([args.stored])).map(({ profile }) => profile);
    const requestBatch = args['request-batch'] ?? 1;
    const findings = pairsOf(stored, await observedProfiles(args)).map(({ before, now, uncertain }) => ({
      report: compareProfiles(before, now, { tolerancePercent: args.tolerance, requestBatch }),
      uncertain,
    }));
    if (hasDrifted(findings)) process.exitCode = DRIFTED;
    await printResult(args.json ? driftToJson(findings) : driftToText(findings, textOptions()));
  },
});

function requireOneSource({ trace, metrics, observed, tolerance }: DriftArguments): void {
  const given = [trace, metrics, observed].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw InputError.of(
      given.length === 0 ? 'drift from what?' : 'several sources of observations are given',
      'give one of --trace FILE, --metrics FILE…, or a second profile',
    );
  }
  requireNumbers({ tolerance: [tolerance, { above: 0 }] });
}

function refuseOthers(args: DriftArguments): void {
  const { config, sharing, 'trace-rate': rate, interval } = args;
  if (args.trace === undefined) refuseUnused({ sharing, 'trace-rate': rate }, 'without --trace');
  if (args.metrics === undefined) refuseUnused({ interval }, 'without --metrics');
  if (args.observed !== undefined) refuseUnused({ config }, 'between two profiles');
}

interface Observed {
  readonly profile: ModelProfile;
  readonly uncertain: readonly string[];
}

async function observedProfiles(args: DriftArguments): Promise<readonly Observed[]> {
  const traffic: TrafficArguments = args;
  if (args.trace !== undefined) return profilesOfTrace(args.trace, traffic);
  if (args.metrics !== undefined) return profilesOfCounters(args.metrics.files, traffic);
  const { readProfiles } = await import('../../../node/scenario/profile-files.js');
  return (await readProfiles([args.observed!])).map(({ profile }) => ({ profile, uncertain: [] }));
}

interface Pair {
  readonly before: ModelProfile;
  readonly now: ModelProfile;
  readonly uncertain: readonly string[];
}

/**
 * Profiles and observations of the same model. Traffic does not say on which device it ran: of several
 * stored profiles of a model none can be meant.
 *
 * @throws InputError when a model has several stored profiles, or no model has both
 */
function pairsOf(stored: readonly ModelProfile[], observed: readonly Observed[]): readonly Pair[] {
  const pairs = stored.flatMap((before) =>
    observed
      .filter(({ profile }) => profile.model === before.model)
      .filter(({ profile }) => profile.device === before.device || profile.device === 'unknown')
      .map(({ profile, uncertain }): Pair => ({ before, now: profile, uncertain })),
  );
  const models = pairs.map(({ before }) => before.model);
  const doubled = [...new Set(models.filter((model, i) => models.indexOf(model) !== i))];
  const unclear = doubled.filter((model) =>
    pairs.some(({ before, now }) => before.model === model && now.device === 'unknown'),
  );
  if (unclear.length > 0) {
    throw InputError.of(
      `there are profiles of ${unclear.join(', ')} on several devices`,
      'name the profile of the device that the traffic ran on',
    );
  }
  if (pairs.length > 0) return pairs;
  const names = (profiles: readonly ModelProfile[]) => profiles.map(({ model }) => model).join(', ');
  throw InputError.of(
    `no observed model has a stored profile (observed: ${names(observed.map(({ profile }) => profile))}; stored: ${names(stored)})`,
    'give profiles of the models that were observed',
  );
}
