import type { CommandModule } from 'yargs';
import { interruptSignal } from '../interrupt.js';
import { printResult, say } from '../output.js';
import {
  closeAll,
  connectToAll,
  type LiveRunArguments,
  liveProgress,
  withLiveRunOptions,
} from './live-run-options.js';
import { overridesOf, requireCounts } from './scenario-options.js';

type LiveArguments = LiveRunArguments & {
  readonly scenario: string;
  readonly log: string | undefined;
  readonly json: boolean;
};

export const liveCommand: CommandModule<object, LiveArguments> = {
  command: 'live <scenario>',
  describe: 'Play a scenario against live servers and write the request log',
  builder: (yargs) =>
    withLiveRunOptions(yargs)
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'Scenario file (YAML or JSON)',
      })
      .option('log', { type: 'string', describe: 'Write every request to a .csv or .arrow file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the summary as JSON' })
      .example(
        '$0 live scenarios/two-tenants.yaml --url localhost:8001 --log live.arrow',
        'replay it for real',
      ),
  handler: async (args) => {
    requireCounts({ threads: args.threads });
    const { requireLogName, writeRequestLog } = await import('../../node/request-log-files.js');
    if (args.log !== undefined) requireLogName(args.log);
    const servers = await connectToAll(args);
    try {
      const { planLive } = await import('../../node/validate-scenario.js');
      const { runLive } = await import('../../live/run-live.js');
      const { loaded } = await planLive(args.scenario, servers, {
        overrides: overridesOf(args),
        sameConfig: false,
      });
      const progress = liveProgress();
      const run = await runLive(loaded.scenario, {
        servers,
        threads: args.threads,
        ...(args.pacer !== undefined && { pacer: args.pacer }),
        signal: interruptSignal(),
        onProgress: (each) => progress(1, each),
      });
      if (args.log !== undefined) {
        await writeRequestLog(args.log, run.log);
        say(`wrote ${args.log}`);
      }
      say(run.generator.verdict);
      if (run.remark !== '') say(run.remark);
      await printResult(await rendered(args, loaded.scenario, run));
      if (run.endReason === 'aborted') process.exitCode = 130;
      else if (run.endReason === 'serverGone') process.exitCode = 1;
    } finally {
      closeAll(servers);
    }
  },
};

async function rendered(
  { json }: LiveArguments,
  scenario: import('../../scenario/scenario.js').Scenario,
  run: import('../../live/run-live.js').LiveRun,
): Promise<string> {
  const { liveSummary, liveSummaryToText } = await import('../../report/live-text.js');
  const summary = liveSummary(scenario, run.log);
  if (!json) return liveSummaryToText(summary);
  const { canonicalJson } = await import('../../report/canonical-json.js');
  const { generator, errors, endReason } = run;
  return canonicalJson({ summary, generator, errors, endReason });
}
