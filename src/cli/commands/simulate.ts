import type { InferredOptionTypes } from 'yargs';
import { formatProblem, InputError, problemsOf } from '../../base/problem.js';
import type { ReplicationOptions, ScenarioRun } from '../../node/runs/run-scenario.js';
import type { TrustNote } from '../../report/run-report.js';
import type { Scenario } from '../../scenario/scenario.js';
import { command } from '../command.js';
import { gatherBeside, gatherProblems } from '../gather-problems.js';
import { COUNT, requireNumbers, THREADS } from '../number-options.js';
import { MARKDOWN, printResult, requireOneForm, say, textOptions, VERBOSE } from '../output.js';
import { sayNowAndThen } from '../throttle.js';
import {
  overridesOf,
  type ScenarioArguments,
  scenarioArgument,
  withScenarioOptions,
} from './options/scenario-options.js';

const simulateOptions = {
  json: { type: 'boolean', default: false, describe: 'Print the report as JSON' },
  csv: { type: 'boolean', default: false, describe: 'Print the table of tenants as CSV' },
  markdown: MARKDOWN,
  verbose: VERBOSE,
  out: { type: 'string', describe: 'Write a self-contained run folder' },
  html: { type: 'string', describe: 'Write the report as one HTML file' },
  log: {
    type: 'string',
    describe: 'Write every request to a .arrow, .parquet or .csv file, their calls beside it',
  },
  runs: { type: 'number', default: 1, describe: 'Replications under different seeds' },
  threads: { type: 'number', default: 1, describe: 'Worker threads; the result is the same' },
  bounds: {
    type: 'boolean',
    default: true,
    describe: 'Also show what devices without limit would do',
  },
  doubt: {
    type: 'boolean',
    default: false,
    describe:
      'Also show what is left open by what is not known of the profiles, and why; takes two more runs or a few',
  },
  headroom: {
    type: 'boolean',
    default: false,
    describe: 'Also find how far all loads may grow before an SLO is missed; takes about ten more runs',
  },
} as const;

type SimulateArguments = ScenarioArguments &
  InferredOptionTypes<typeof simulateOptions> & { readonly scenario: string };

export const simulateCommand = command({
  command: 'simulate <scenario>',
  describe: 'Latency, throughput, SLO attainment and cost',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('scenario', scenarioArgument)
      .options(simulateOptions)
      .example('$0 simulate examples/scenarios/two-tenants.yaml', 'table on the terminal')
      .example(
        '$0 simulate examples/scenarios/two-tenants.yaml --out results/run1 --runs 5',
        'run folder, error bars over 5 seeds',
      ),
  handler: async (args) => {
    const { loadScenario } = await import('../../node/scenario/scenario-files.js');
    const [overrides] = await gatherBeside(
      () => loadScenario(args.scenario),
      () => overridesOf(args),
      () => requireNumbers({ runs: [args.runs, COUNT], threads: [args.threads, THREADS] }),
      () => requireOneForm(args),
      () => requirePlaces(args),
    );
    const { runScenario } = await import('../../node/runs/run-scenario.js');
    if (args.headroom) requireSlo((await loadScenario(args.scenario, overrides)).scenario);
    const told = { progress: sayNowAndThen(1000), notify: say };
    const simulated = await runScenario(args.scenario, {
      overrides,
      runs: args.runs,
      threads: args.threads,
      bounds: args.bounds,
      ...(args.doubt && { doubt: 'reasons' }),
      log: args.log !== undefined || args.out !== undefined,
      series: args.json || args.html !== undefined || args.out !== undefined,
      ...told,
    });
    const run = args.headroom ? await withHeadroom(simulated, { threads: args.threads, ...told }) : simulated;
    if (args.log !== undefined) {
      const { writeRequestLog } = await import('../../node/runs/request-log-files.js');
      const files = await writeRequestLog(args.log, run.log!);
      say(`wrote ${files.join(' and ')}${args.runs > 1 ? ` (the first of ${args.runs} runs)` : ''}`);
    }
    const isQuoted = args.html !== undefined || args.out !== undefined || !(args.json || args.csv);
    const trust = isQuoted ? await trustIn(args.scenario, run.loaded) : {};
    if (args.html !== undefined) {
      const { writeHtml } = await import('../../node/runs/run-folder.js');
      await writeHtml(args.html, run.report, trust);
      say(`wrote ${args.html}`);
    }
    if (args.out !== undefined) {
      const { writeRunFolder } = await import('../../node/runs/run-folder.js');
      const left = await writeRunFolder(args.out, run, trust);
      say(
        `wrote ${args.out}/ (report.html, report.json, tenants.csv, devices.csv, scenario.json, requests.arrow, requests.calls.arrow, inputs/)`,
      );
      if (left.length > 0)
        say(`${left.join(', ')}: too large to copy; carry it too, and set its path in scenario.json`);
    }
    await printResult(await rendered(args, run, trust));
  },
});

/** @throws InputError where there is nothing that a larger load could miss */
function requireSlo({ tenants }: Scenario): void {
  if (tenants.some(({ slo }) => slo !== undefined)) return;
  throw InputError.of('no tenant has an SLO that a larger load could miss', 'give one of them an slo', {
    path: '--headroom',
  });
}

async function withHeadroom(run: ScenarioRun, options: ReplicationOptions): Promise<ScenarioRun> {
  const { findHeadroom } = await import('../../node/runs/headroom.js');
  return { ...run, report: { ...run.report, headroom: await findHeadroom(run.loaded, options) } };
}

/** Before anything is simulated or written: may the results go where they shall? */
async function requirePlaces({ log, html, out }: SimulateArguments): Promise<void> {
  if (log === undefined && html === undefined && out === undefined) return;
  const { requireFilePlace } = await import('../../node/files/output-places.js');
  const { requireLogPlace } = await import('../../node/runs/request-log-files.js');
  const { requireResultFolder } = await import('../../node/output/result-folder.js');
  await gatherProblems(
    () => log !== undefined && requireLogPlace('--log', log),
    () => html !== undefined && requireFilePlace('--html', html),
    () => out !== undefined && requireResultFolder('--out', out, 'simulate'),
  );
}

async function rendered(args: SimulateArguments, { report }: ScenarioRun, trust: TrustNote): Promise<string> {
  if (args.json) return (await import('../../report/json.js')).reportToJson(report);
  if (args.csv) return (await import('../../report/csv.js')).tenantsToCsv(report);
  const { reportToText } = await import('../../report/text.js');
  return reportToText(report, { ...textOptions(args), ...trust });
}

/** What past validations of the profiles found; a history that cannot be read spoils no simulation. */
async function trustIn(path: string, loaded: ScenarioRun['loaded']): Promise<TrustNote> {
  const { readValidations } = await import('../../node/calibrate/validation-history.js');
  try {
    const history = await readValidations(path, loaded);
    if (history.length === 0) return {};
    return { trust: (await import('../../validate/history.js')).trustSummary(history) };
  } catch (error) {
    for (const problem of problemsOf(error)) say(`not quoted: ${formatProblem(problem)}`);
    return {};
  }
}
