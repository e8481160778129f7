import { basename, dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { canonicalJson } from '../../base/canonical-json.js';
import { kindOf } from '../../base/document/kind.js';
import { parseDocumentWith } from '../../base/document.js';
import { given } from '../../base/given.js';
import { InputError, ProblemList, problemsOf } from '../../base/problem.js';
import {
  type ExpectationCase,
  type ExpectationsDocument,
  parseExpectations,
  type UnsurePolicy,
} from '../../check/expectations.js';
import type { JudgedRun } from '../../check/figures.js';
import { judge } from '../../check/judge.js';
import { type KnownNames, namesOf, namesWritten } from '../../check/known-names.js';
import { type CheckOutcome, checkOutcome } from '../../check/outcome.js';
import { wrongReferences } from '../../check/references.js';
import { type ResourceUse, resourceUse } from '../../check/resource-use.js';
import { type MeasuredScenario, reportOf } from '../../report/build-report.js';
import type { Scenario } from '../../scenario/scenario.js';
import { guessesIn } from '../../scenario/starter/model-points.js';
import { readText } from '../files/read-text.js';
import { loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';
import { version } from './package-facts.js';
import { runScenario } from './run-scenario.js';

export interface CheckOptions {
  /** Instead of what the file says. */
  readonly unsure?: UnsurePolicy;
  readonly runs?: number;
  /** Judge at both ends of the profiles' errors, too: two more runs of each case. Default false. */
  readonly doubt?: boolean;
  readonly threads?: number;
  readonly progress?: (text: string) => void;
}

/**
 * Simulates every scenario that a file of expectations names, and judges what was expected of it.
 * @throws InputError with everything that is wrong in the file or in any of the scenarios, before anything
 *   is simulated
 */
export async function checkExpectations(file: string, options: CheckOptions = {}): Promise<CheckOutcome> {
  const { document, names } = await readExpectations(file);
  const { cases, runs, unsure } = document.value;
  const outcomes = [];
  const used: Pick<Scenario, 'servers'>[] = [];
  for (const [i, one] of cases.entries()) {
    options.progress?.(`case ${i + 1} of ${cases.length}: ${names[i]}`);
    const simulated = await runScenario(scenarioPath(file, one), {
      overrides: overridesOf(one),
      runs: options.runs ?? one.runs ?? runs,
      threads: options.threads ?? 1,
      ...(options.doubt === true && { doubt: 'ends' }),
      bounds: false,
      series: false,
    });
    used.push({ servers: simulated.runs[0]!.scenario.servers });
    const run = { report: simulated.report, use: useOf(simulated.runs) };
    const ends =
      simulated.ends === undefined ? [] : [simulated.ends.fast, simulated.ends.slow].map(judgedEnd);
    const judgements = one.expect.flatMap((expectation) =>
      judge(run, expectation, options.unsure ?? unsure, ends),
    );
    const { doubt: { models } = { models: [] } } = simulated.report;
    const countedAsExact = models.flatMap(({ model, device, error }) =>
      error === null ? [`${model} on ${device}`] : [],
    );
    outcomes.push({
      ...{ name: names[i]!, scenarioFile: scenarioPath(file, one), judgements },
      ...(countedAsExact.length > 0 && { countedAsExact }),
    });
  }
  return checkOutcome(outcomes, guessesIn(...used));
}

function useOf(runs: readonly MeasuredScenario[]): ResourceUse {
  return resourceUse(
    runs[0]!.scenario,
    runs.map(({ figures }) => figures.summary),
  );
}

function judgedEnd(end: MeasuredScenario): JudgedRun {
  const report = reportOf([end], { version: version(), scenarioFile: end.scenario.name, series: false });
  return { report, use: useOf([end]) };
}

/**
 * Reads a file of expectations and the scenarios that it names, or a scenario alone, and gives the names of its cases.
 * @throws InputError with everything that is wrong in the file or in any of the scenarios
 */
export async function readExpectations(
  file: string,
): Promise<{ readonly document: ExpectationsDocument; readonly names: readonly string[] }> {
  const document = parseExpectations(await expectationsIn(file), { file });
  return { document, names: await loadAll(document, file) };
}

/** Of a scenario, that each of its SLOs is met. */
async function expectationsIn(file: string): Promise<string> {
  const text = await readText(file);
  if (kindOf(parseDocumentWith(z.unknown(), text, { file }).value) !== 'scenario') return text;
  const scenario = basename(file);
  return canonicalJson({ 'perseus-expectations': 1, cases: [{ scenario, expect: [{ slo: 'met' }] }] });
}

/** Reads every scenario once for its mistakes, and gives the names of the cases. */
async function loadAll(document: ExpectationsDocument, file: string): Promise<string[]> {
  const { value, positionOf } = document;
  const problems = new ProblemList();
  for (const problem of document.problems) problems.add(problem);
  const names: string[] = [];
  for (const [i, one] of value.cases.entries()) {
    let known: KnownNames;
    try {
      const named = positionOf(['cases', i, 'scenario']);
      const { scenario } = await loadScenario(scenarioPath(file, one), overridesOf(one), named);
      names.push(one.name ?? scenario.name);
      known = namesOf(scenario);
    } catch (error) {
      for (const problem of problemsOf(error)) problems.add(problem);
      known = await namesInBroken(scenarioPath(file, one));
    }
    for (const { path, what, remedy } of wrongReferences(one, known)) {
      problems.add({ ...positionOf(['cases', i, ...path]), what, remedy });
    }
  }
  problems.throwIfAny();
  return names;
}

/** Of a scenario with mistakes, which are told, as far as it can be read at all. */
async function namesInBroken(path: string): Promise<KnownNames> {
  try {
    return namesWritten(await readText(path));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return {};
  }
}

function scenarioPath(file: string, { scenario }: ExpectationCase): string {
  return isAbsolute(scenario) ? scenario : join(dirname(file), scenario);
}

function overridesOf({ seed, durationS, warmUpS }: ExpectationCase): ScenarioOverrides {
  return given({ seed, durationS, warmUpS });
}
