import { given } from '../../base/given.js';
import { plural } from '../../base/plural.js';
import { InputError } from '../../base/problem.js';
import type { SearchProgress } from '../../plan/search/search-setting.js';
import { command } from '../command.js';
import { secondsOf } from '../duration.js';
import { gatherProblems } from '../gather-problems.js';
import { interruptedCode, sayingOnInterrupt } from '../interrupt.js';
import { requireNumbers, THREADS } from '../number-options.js';
import { printJson, printResult, say, textOptions, VERBOSE } from '../output.js';
import { throttle } from '../throttle.js';
import { refuseUnused } from '../unused-options.js';
import { emitModelsOption } from './emit.js';

const planOptions = {
  budget: {
    type: 'string',
    default: '60s',
    describe:
      'Time for the search (90s, 5m), or simulations (2000runs): then the same answer everywhere. Other kinds of machines get as much again',
  },
  sure: {
    type: 'boolean',
    default: false,
    describe: 'Meet every SLO even where all models are as slow as the errors of their profiles allow',
  },
  threads: { type: 'number', default: 1, describe: 'Worker threads' },
  json: { type: 'boolean', default: false, describe: 'Print as JSON' },
  verbose: VERBOSE,
  out: {
    type: 'string',
    describe: 'Write report, plan.json and a scenario for each placement into a folder',
  },
  emit: { type: 'string', describe: 'Write model repositories and manifests of the answer into a folder' },
  models: emitModelsOption,
} as const;

const INFEASIBLE = 1;

export const planCommand = command({
  command: 'plan <plan>',
  describe: 'The cheapest placement that meets every SLO',
  builder: (yargs) =>
    yargs
      .positional('plan', { type: 'string', demandOption: true, describe: 'Plan file (YAML or JSON)' })
      .options(planOptions)
      .example('$0 plan examples/plans/three-models.yaml', 'which GPUs, who shares, at what price')
      .example(
        '$0 plan examples/plans/three-models.yaml --out results/plan --threads 2',
        'with report and scenarios',
      )
      .example(
        '$0 plan examples/plans/hosts.yaml --emit deploy --models models',
        'and what each Triton server loads, model files included',
      )
      .epilogue(
        'Exit code 1: no placement meets every SLO (the message says which is violated by how much). 2: the plan is wrong. 130: interrupted. Ctrl-C ends the search, and the best so far is shown and written as such.',
      ),
  handler: async (args) => {
    const folder = await import('../../node/plan/plan-folder.js');
    const { requireDeployable } = await import('../../node/emit/emit-files.js');
    const { emittedText } = await import('../../node/emit/emit-text.js');
    const { requireResultFolder } = await import('../../node/output/result-folder.js');
    const { loadPlan } = await import('../../node/plan/plan-files.js');
    const [budget, problem] = await gatherProblems(
      () => budgetOf(args.budget),
      () => loadPlan(args.plan, { models: args.models, sure: args.sure }),
      () => requireNumbers({ threads: [args.threads, THREADS] }),
      () => args.out !== undefined && requireResultFolder('--out', args.out, 'plan'),
      () => args.emit !== undefined && requireResultFolder('--emit', args.emit, 'emit'),
      () =>
        args.emit === undefined &&
        refuseUnused({ models: args.models }, 'without --emit', 'add --emit FOLDER, or leave it out'),
    );
    if (args.emit !== undefined) await requireDeployable(args.models, problem);
    const { runPlan } = await import('../../node/plan/run-plan.js');
    const { planReport } = await import('../../report/plan/plan-report.js');
    const asked = { ...budget, threads: args.threads, compareKinds: true };
    const told = { progress: progressLine(), notify: say };
    const [result, signal] = await sayingOnInterrupt(ON_INTERRUPT, async (stop) => [
      await runPlan(problem, { ...asked, ...told, signal: stop }),
      stop,
    ]);
    const report = planReport(problem, result);
    const planned = { file: args.plan, problem, result, report };
    if (result.interrupted === true) {
      const { bestSoFar } = await import('../../report/plan/plan-text.js');
      say(`interrupted, the best so far is ${bestSoFar(report)}`);
    }
    if (args.out !== undefined) {
      await folder.writePlanFolder(args.out, planned);
      say(`wrote ${args.out}/ (report.html, plan.json, plan.txt, scenarios/)`);
    }
    if (args.emit !== undefined && result.chosen !== undefined) {
      say(
        emittedText(
          args.emit,
          await folder.emitPlanned(planned, { out: args.emit, models: args.models }),
        ).trimEnd(),
      );
    }
    if (result.interrupted === true) process.exitCode = interruptedCode(signal);
    else if (result.chosen === undefined) process.exitCode = INFEASIBLE;
    if (args.json) return printJson(report, ['format', 'name']);
    const { planToText } = await import('../../report/plan/plan-text.js');
    await printResult(
      planToText(report, { ...textOptions(args), ...given({ out: args.out, emit: args.emit }) }),
    );
  },
});

const ON_INTERRUPT =
  'stopping; the best so far is still simulated in full (Ctrl-C again: at once, and nothing is written)';

/**
 * `90s` is time, `2000runs` are simulations.
 * @throws InputError for anything else
 */
function budgetOf(text: string): { budgetS: number } | { budgetRuns: number } {
  const runs = /^(\d+)\s*runs?$/.exec(text.trim());
  if (runs === null) return { budgetS: secondsOf('--budget', text, false, '90s, 5m or 2000runs') };
  const budgetRuns = Number(runs[1]);
  if (budgetRuns >= 1) return { budgetRuns };
  throw InputError.of(`"${text}" leaves nothing to simulate`, 'write for example 2000runs', {
    path: '--budget',
  });
}

/** Progress on stderr, once a second at most: the best this far and its gap. */
function progressLine(): (progress: SearchProgress) => void {
  const isTime = throttle(1000);
  return ({ stage, simulations, best, bound }) => {
    if (!isTime()) return;
    const found = best === undefined ? 'nothing found yet' : `best ${best.toFixed(2)}`;
    const gap =
      best === undefined || bound === undefined || !(bound > 0)
        ? ''
        : `, at most ${((best / bound - 1) * 100).toFixed(0)} % above the least possible`;
    say(`${STAGES[stage]}: ${simulations} ${plural(simulations, 'simulation')}, ${found}${gap}`);
  };
}

const STAGES: Readonly<Record<SearchProgress['stage'], string>> = {
  alone: 'each model alone',
  bound: 'lower bound',
  packing: 'packing',
  evaluation: 'simulating in full',
};
