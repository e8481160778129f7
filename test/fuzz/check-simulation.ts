import { buildReport, summarizeRun } from '../../src/report/build-report.js';
import { parseReport, reportToJson } from '../../src/report/json.js';
import { reportToText } from '../../src/report/text.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { checkRun } from '../laws/run-laws.js';
import { checkSummary } from './check-summary.js';
import { demand, INPUT_FILE } from './family.js';
import { shortScenario } from './shorten.js';

/**
 * Simulates a short part of a scenario in both ways there are, and checks the run, its summary and its
 * report. Does nothing where even the short part is large. @throws Violation
 */
export function simulateAndCheck(whole: Scenario): void {
  const scenario = shortScenario(whole);
  if (scenario === undefined) return;
  const result = simulate(scenario);
  checkRun(scenario, result);
  const general = simulate(scenario, { eventLoop: true });
  const differs = general.log.endedUs.findIndex((us, row) => !Object.is(us, result.log.endedUs[row]));
  demand(differs === -1, `row ${differs} ends otherwise in the general event loop`);
  const run = { scenario, result };
  checkSummary(summarizeRun(run));
  const report = buildReport([run], { version: '0', scenarioFile: INPUT_FILE });
  const json = reportToJson(report);
  demand(reportToJson(parseReport(json)) === json, 'the report is another when it is read again');
  demand(reportToText(report).length > 0, 'the report has no text');
}
