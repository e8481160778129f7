import type { InferredOptionTypes } from 'yargs';
import type { GivenInputs } from '../../live/model-inputs.js';
import type { LiveRun } from '../../live/run-live.js';
import type { LivePlan } from '../../node/calibrate/validate-scenario.js';
import type { Scenario } from '../../scenario/scenario.js';
import { command } from '../command.js';
import { interruptedCode, interruptible } from '../interrupt.js';
import { printResult, say } from '../output.js';
import {
  type LiveRunArguments,
  liveProgress,
  liveRunOptions,
  onServers,
  readLiveRun,
} from './options/live-run-options.js';
import { scenarioArgument } from './options/scenario-options.js';

const liveOptions = {
  ...liveRunOptions,
  log: {
    type: 'string',
    describe: 'Write every request to a .arrow, .parquet or .csv file, their calls beside it',
  },
  json: { type: 'boolean', default: false, describe: 'Print the summary as JSON' },
} as const;

type LiveArguments = LiveRunArguments & InferredOptionTypes<typeof liveOptions>;

export const liveCommand = command({
  command: 'live <scenario>',
  describe: 'Play a scenario against live servers',
  builder: (yargs) =>
    yargs
      .positional('scenario', scenarioArgument)
      .options(liveOptions)
      .example(
        '$0 live calibration/mine/scenario.yaml --url localhost:8001 --duration 20',
        'the scenario that calibrate wrote, for 20 seconds',
      )
      .example(
        '$0 live mine.yaml --url gpu1:8001 --url gpu2:8001 --threads 2 --log live.arrow',
        'a scenario of two servers; every request into a file',
      )
      .example(
        '$0 live mine.yaml --url grpcs://triton.example:8001 --tls-ca ca.pem --json',
        'over TLS; the summary as JSON',
      ),
  handler: (args) => interruptible((begin) => live(args, begin)),
});

async function live(args: LiveArguments, begin: () => AbortSignal): Promise<void> {
  const { requireLogPlace } = await import('../../node/runs/request-log-files.js');
  const { log } = args;
  const input = await readLiveRun(args, () => log !== undefined && requireLogPlace('--log', log));
  await onServers(input, (plan) => play(args, plan, input.inputs, begin));
}

/** What was measured is shown and written also when the run was stopped or has failed. */
async function play(
  args: LiveArguments,
  plan: LivePlan,
  inputs: GivenInputs,
  begin: () => AbortSignal,
): Promise<void> {
  const { requireServed } = await import('../../node/calibrate/validate-scenario.js');
  const { disturbanceOf, runLive } = await import('../../live/run-live.js');
  const { runFailure } = await import('../../live/run-failure.js');
  await requireServed(args.scenario, plan, { sameConfig: false });
  const { scenario } = plan.loaded;
  const progress = liveProgress();
  const signal = begin();
  const run = await runLive(scenario, {
    servers: plan.servers,
    inputs,
    threads: args.threads,
    ...(args.pacer !== undefined && { pacer: args.pacer }),
    signal,
    onProgress: (each) => progress(1, each),
  });
  const failure = runFailure(run);
  say(run.generator.verdict);
  if (run.remark !== '' && failure === undefined) say(run.remark);
  for (const said of disturbanceOf(run)) say(said);
  // First the file, as printing ends all where nobody reads; where the disk is full, the figures are shown all the same.
  const [written] = await Promise.allSettled([args.log === undefined ? undefined : writeLog(args.log, run)]);
  await printResult(await rendered(args, scenario, run));
  if (written.status === 'rejected') throw written.reason;
  if (failure !== undefined) throw failure;
  if (run.endReason === 'aborted') process.exitCode = interruptedCode(signal);
}

async function writeLog(file: string, run: LiveRun): Promise<void> {
  const { writeRequestLog } = await import('../../node/runs/request-log-files.js');
  const files = await writeRequestLog(file, run.log);
  say(`wrote ${files.join(' and ')}`);
}

async function rendered({ json }: LiveArguments, scenario: Scenario, run: LiveRun): Promise<string> {
  const { runFailure } = await import('../../live/run-failure.js');
  const { isEarlyEnd } = await import('../../live/load/assemble-run.js');
  const { liveSummary, liveSummaryToText } = await import('../../report/live-text.js');
  const summary = liveSummary(scenario, run.log);
  // Of a run that was cut short or has failed they would tell what everybody knows.
  if (!isEarlyEnd(run.endReason) && runFailure(run) === undefined)
    for (const { message } of summary.warnings) say(message);
  if (!json) return liveSummaryToText(summary);
  const { canonicalJson } = await import('../../base/canonical-json.js');
  const { generator, errors, endReason, otherCores } = run;
  return canonicalJson(
    {
      format: 'perseus-live/1',
      summary,
      generator,
      errors,
      endReason,
      ...(otherCores !== undefined && { otherCores }),
    },
    ['format'],
  );
}
