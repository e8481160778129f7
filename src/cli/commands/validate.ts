import type { InferredOptionTypes } from 'yargs';
import { given } from '../../base/given.js';
import { InputError } from '../../base/problem.js';
import type { GivenInputs } from '../../live/model-inputs.js';
import type { LivePlan } from '../../node/calibrate/validate-scenario.js';
import type { Tolerances } from '../../validate/metric.js';
import type { ValidationReport } from '../../validate/report.js';
import { command } from '../command.js';
import { interruptedCode, interruptible } from '../interrupt.js';
import { COUNT, requireNumbers } from '../number-options.js';
import { printResult, say, textOptions, VERBOSE } from '../output.js';
import {
  type LiveRunArguments,
  liveProgress,
  liveRunOptions,
  onServers,
  readLiveRun,
} from './options/live-run-options.js';
import { scenarioArgument } from './options/scenario-options.js';

const validateOptions = {
  ...liveRunOptions,
  repeats: {
    type: 'number',
    default: 3,
    describe: 'Live runs; their spread is shown beside each error',
  },
  runs: { type: 'number', default: 8, describe: 'Simulated replications' },
  tolerance: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'Tolerance of a metric, as p99Ms=10 (percent); docs/validate.md has the defaults',
  },
  json: { type: 'boolean', default: false, describe: 'Print the points as JSON' },
  verbose: VERBOSE,
  html: { type: 'string', describe: 'Write the report as one HTML file' },
  record: {
    type: 'boolean',
    default: true,
    describe: 'Add it to the history beside the profiles',
  },
} as const;

type ValidateArguments = LiveRunArguments & InferredOptionTypes<typeof validateOptions>;

export const validateCommand = command({
  command: 'validate <scenario>',
  describe: 'Predicted beside measured on live servers',
  builder: (yargs) =>
    yargs
      .positional('scenario', scenarioArgument)
      .options(validateOptions)
      .example(
        '$0 validate calibration/mine/scenario.yaml --url localhost:8001',
        'predicted beside measured, three live runs',
      )
      .example(
        '$0 validate mine.yaml --url localhost:8001 --repeats 5 --html validation.html --no-record',
        'five live runs, as a page with charts; not added to the history',
      )
      .example(
        '$0 validate mine.yaml --url localhost:8001 --tolerance p95Ms=5 --tolerance p99Ms=10 --json',
        'own tolerances; points as JSON',
      ),
  handler: (args) => interruptible((begin) => validate(args, begin)),
});

async function validate(args: ValidateArguments, begin: () => AbortSignal): Promise<void> {
  const { requireFilePlace } = await import('../../node/files/output-places.js');
  const { html } = args;
  const input = await readLiveRun(
    args,
    () => requireNumbers({ repeats: [args.repeats, COUNT], runs: [args.runs, COUNT] }),
    () => tolerancesOf(args.tolerance),
    () => html !== undefined && requireFilePlace('--html', html),
  );
  await onServers(input, (plan) => validateAgainst(args, plan, input.inputs, begin));
}

/** Runs that were played to their end are compared and shown also when a later one fails. */
async function validateAgainst(
  args: ValidateArguments,
  plan: LivePlan,
  inputs: GivenInputs,
  begin: () => AbortSignal,
): Promise<void> {
  const { requireServed, validateScenario } = await import('../../node/calibrate/validate-scenario.js');
  await requireServed(args.scenario, plan, { sameConfig: true });
  const tolerances = await tolerancesOf(args.tolerance);
  const signal = begin();
  const { report, remarks, failure, interrupted } = await validateScenario(plan, {
    repeats: args.repeats,
    replications: args.runs,
    threads: args.threads,
    inputs,
    ...given({ tolerances, pacer: args.pacer }),
    signal,
    onLiveRun: liveProgress(),
  });
  for (const remark of remarks) say(remark);
  process.exitCode = report?.passed === true ? 0 : 1;
  if (report !== undefined) await publish(args, report);
  if (failure !== undefined) throw failure;
  if (interrupted) {
    if (report === undefined) say('interrupted before a live run was complete: there is nothing to compare');
    else say(`interrupted, the report is of the first ${report.liveRuns} of ${args.repeats} live runs`);
    process.exitCode = interruptedCode(signal);
    return;
  }
  if (report !== undefined && args.record) await record(args.scenario, plan, report);
}

/** The page is written first, as printing ends all where nobody reads; what is measured is shown also where it fails. */
async function publish({ html, json, verbose }: ValidateArguments, report: ValidationReport): Promise<void> {
  const { validationToJson, validationToText } = await import('../../validate/text.js');
  const [written] = await Promise.allSettled([html === undefined ? undefined : writePage(html, report)]);
  await printResult(json ? validationToJson(report) : validationToText(report, textOptions({ verbose })));
  if (written.status === 'rejected') throw written.reason;
}

async function writePage(html: string, report: ValidationReport): Promise<void> {
  const { validationToHtml } = await import('../../validate/html.js');
  const { writeFileAtomically } = await import('../../node/files/atomic-write.js');
  await writeFileAtomically(html, validationToHtml(report));
  say(`wrote ${html}`);
}

/** All is printed by now: where nothing can be written beside the profiles, the record alone is lost. */
async function record(scenario: string, { loaded }: LivePlan, report: ValidationReport): Promise<void> {
  const { recordValidation } = await import('../../node/calibrate/validation-history.js');
  try {
    say(`recorded in ${await recordValidation(scenario, loaded, report)}`);
  } catch (error) {
    say(`not recorded beside the profiles: ${(error as Error).message}`);
  }
}

async function tolerancesOf(lines: readonly string[] | undefined): Promise<Tolerances | undefined> {
  if (lines === undefined) return undefined;
  const { DEFAULT_TOLERANCES } = await import('../../validate/metric.js');
  const entries = lines.map((line) => /^([A-Za-z0-9]+)=(\d+(?:\.\d+)?)$/.exec(line));
  const wrong = lines.filter(
    (_, i) => entries[i] === null || !Object.hasOwn(DEFAULT_TOLERANCES, entries[i]![1]!),
  );
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
