import { commandLineFamilies } from './families/command-lines.js';
import { documentFamilies } from './families/documents.js';
import { emittedFamilies } from './families/emitted.js';
import { expectationFamilies } from './families/expectations.js';
import { importerFamilies } from './families/importers.js';
import { pbtxtFamilies } from './families/pbtxt.js';
import { planFamilies } from './families/plans.js';
import { repositoryFamilies } from './families/repositories.js';
import { requestLogFamilies } from './families/request-logs.js';
import { runFamilies } from './families/runs.js';
import { scenarioFamilies } from './families/scenarios.js';
import { sweepFamilies } from './families/sweeps.js';
import { traceFamilies } from './families/traces.js';
import type { Family } from './family.js';
import { sampleReport, sampleRun } from './sample-run.js';
import { shippedScenarios } from './shipped-scenarios.js';

/** Every kind of input that perseus reads. */
export async function loadFamilies(): Promise<readonly Family[]> {
  const scenarios = await shippedScenarios();
  const run = sampleRun(scenarios);
  return [
    ...traceFamilies(),
    ...importerFamilies(),
    ...documentFamilies(sampleReport(run)),
    ...pbtxtFamilies(),
    ...repositoryFamilies(),
    ...scenarioFamilies(scenarios),
    ...runFamilies(),
    ...requestLogFamilies(run.result.log),
    ...sweepFamilies(),
    ...planFamilies(),
    ...expectationFamilies(),
    ...emittedFamilies(scenarios),
    ...commandLineFamilies(),
  ];
}
