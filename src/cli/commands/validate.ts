import type { CommandModule } from 'yargs';
import { InputError } from '../../base/problem.js';
import type { Tolerances } from '../../validate/metric.js';
import { interruptSignal } from '../interrupt.js';
import { printResult, say, wantsColour } from '../output.js';
import {
  closeAll,
  connectToAll,
  type LiveRunArguments,
  liveProgress,
  withLiveRunOptions,
} from './live-run-options.js';
import { overridesOf, requireCounts } from './scenario-options.js';

type ValidateArguments = LiveRunArguments & {
  readonly scenario: string;
  readonly repeats: number;
  readonly runs: number;
  readonly tolerance: readonly string[] | undefined;
  readonly json: boolean;
  readonly html: string | undefined;
  readonly record: boolean;
};

export const validateCommand: CommandModule<object, ValidateArguments> = {
  command: 'validate <scenario>',
  describe:
    'Play a scenario against live servers and show predicted beside measured; exit 1 when out of tolerance',
  builder: (yargs) =>
    withLiveRunOptions(yargs)
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'Scenario file (YAML or JSON)',
      })
      .option('repeats', {
        type: 'number',
        default: 3,
        describe: 'Live runs; their spread is shown beside each error',
      })
      .option('runs', { type: 'number', default: 8, describe: 'Simulated replications' })
      .option('tolerance', {
        type: 'string',
        array: true,
        describe: 'Tolerance of a metric, as p99Ms=10 (percent)',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the points as JSON' })
      .option('html', { type: 'string', describe: 'Write the report as one HTML file' })
      .option('record', {
        type: 'boolean',
        default: true,
        describe: 'Add it to the history beside the profiles',
      })
      .example('$0 validate scenarios/two-tenants.yaml --url localhost:8001', 'predicted beside measured'),
  handler: async (args) => {
    requireCounts({ repeats: args.repeats, runs: args.runs, threads: args.threads });
    const tolerances = await tolerancesOf(args.tolerance);
    const servers = await connectToAll(args);
    try {
      const { historyFolder, planLive, validateScenario } = await import('../../node/validate-scenario.js');
      const plan = await planLive(args.scenario, servers, { overrides: overridesOf(args), sameConfig: true });
      const { report, remarks, liveRuns } = await validateScenario(plan, {
        repeats: args.repeats,
        replications: args.runs,
        threads: args.threads,
        ...(tolerances !== undefined && { tolerances }),
        ...(args.pacer !== undefined && { pacer: args.pacer }),
        signal: interruptSignal(),
        onLiveRun: liveProgress(),
      });
      for (const remark of remarks) say(remark);
      const { validationToJson, validationToText } = await import('../../validate/text.js');
      if (args.html !== undefined) {
        const { validationToHtml } = await import('../../validate/html.js');
        const { writeFileAtomically } = await import('../../node/atomic-write.js');
        await writeFileAtomically(args.html, validationToHtml(report));
        say(`wrote ${args.html}`);
      }
      const ended = liveRuns.at(-1)?.endReason;
      if (args.record && (ended === 'duration' || ended === 'exhausted')) {
        const { recordValidation } = await import('../../node/validation-history.js');
        const folder = await historyFolder(args.scenario, plan.loaded.spec.profiles);
        say(`recorded in ${await recordValidation(folder, report)}`);
      }
      await printResult(
        args.json ? validationToJson(report) : validationToText(report, { colour: wantsColour() }),
      );
      process.exitCode = ended === 'aborted' ? 130 : report.passed && ended !== 'serverGone' ? 0 : 1;
    } finally {
      closeAll(servers);
    }
  },
};

async function tolerancesOf(lines: readonly string[] | undefined): Promise<Tolerances | undefined> {
  if (lines === undefined) return undefined;
  const { DEFAULT_TOLERANCES } = await import('../../validate/metric.js');
  const entries = lines.map((line) => /^([A-Za-z0-9]+)=(\d+(?:\.\d+)?)$/.exec(line));
  const wrong = lines.filter((_, i) => entries[i] === null || !(entries[i]![1]! in DEFAULT_TOLERANCES));
  if (wrong.length > 0) {
    const known = Object.keys(DEFAULT_TOLERANCES).join(', ');
    throw new InputError(
      wrong.map((line) => ({
        path: '--tolerance',
        what: `"${line}" is no tolerance`,
        remedy: `write METRIC=NUMBER with one of ${known}`,
      })),
    );
  }
  return {
    ...DEFAULT_TOLERANCES,
    ...Object.fromEntries(entries.map((entry) => [entry![1]!, Number(entry![2])])),
  };
}
