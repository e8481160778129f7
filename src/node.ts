/** Everything in the core, and what needs files, threads or a drawing library. */

export type { CheckOutcome } from './check/outcome.js';
export { diffRuns, type RunDiff } from './diff/diff-runs.js';
export { diffSweeps, type SweepDiff } from './diff/diff-sweeps.js';
export type { RunSnapshot } from './diff/snapshot.js';
export type { SweepSnapshot } from './diff/sweep-points.js';
export type { DiffOptions } from './diff/verdicts.js';
export * from './index.js';
export * from './live/inference-client.js';
export { buildInputs, type InputOptions } from './live/input-data.js';
export { type InputContents, readInputContents } from './live/input-files.js';
export type {
  ClientRecipe,
  LoadOptions,
  LoadProgress,
  LoadResult,
  LoadServer,
  LoadTenant,
  PacerKind,
} from './live/load/load-options.js';
export { runLoad } from './live/load/run-load.js';
export { type MetricsPage, parseMetricsPage } from './live/metrics-page.js';
export { type LiveRun, type LiveServer, type RunLiveOptions, runLive } from './live/run-live.js';
export {
  type GpuReading,
  gpuReadings,
  type ModelCounters,
  modelCounters,
  readMetrics,
} from './live/server-metrics.js';
export { subtractStatistics } from './live/statistics.js';
export { tritonRecipe } from './live/triton/client-recipe.js';
export { connectTriton, type TritonOptions } from './live/triton/connect.js';
export { readTlsFiles, type TlsFiles, type TlsOptions } from './live/triton/credentials.js';
export {
  type CalibratedServer,
  type CalibrateServerOptions,
  calibrateServer,
} from './node/calibrate/calibrate-server.js';
export {
  type LivePlan,
  planLive,
  type Validated,
  type ValidateOptions,
  validateScenario,
} from './node/calibrate/validate-scenario.js';
export { readSnapshots } from './node/diff/diff-files.js';
export { type EmitOptions, type EmitSource, writePlacement } from './node/emit/emit-files.js';
export { maxUnpackedBytes, setMaxUnpackedBytes } from './node/files/input-limit.js';
export { type LoadPlanOptions, loadPlan } from './node/plan/plan-files.js';
export { type RunPlanOptions, runPlan } from './node/plan/run-plan.js';
export { type CheckOptions, checkExpectations } from './node/runs/check-expectations.js';
export { readRequestLog, writeRequestLog } from './node/runs/request-log-files.js';
export { writeHtml, writeRunFolder } from './node/runs/run-folder.js';
export {
  type RunOptions,
  runScenario,
  type ScenarioRun,
  simulateScenario,
} from './node/runs/run-scenario.js';
export { type InitOptions, type InitResult, initScenario } from './node/scenario/init/init.js';
export { readPriceBook } from './node/scenario/price-files.js';
export { readProfiles } from './node/scenario/profile-files.js';
export { type LoadedScenario, loadScenario, type ScenarioOverrides } from './node/scenario/scenario-files.js';
export { importTraceFile, importTraceFiles, readTrace, writeTrace } from './node/scenario/trace-files.js';
export { type PreparedSweep, prepareSweep } from './node/sweep/prepare-sweep.js';
export { runSweep, type SweepOptions, type SweepOutcome } from './node/sweep/run-sweep.js';
export type { SweepRunner } from './node/sweep/runner.js';
export { type RunnerChoice, selectRunner } from './node/sweep/select-runner.js';
export { type TuneOptions, type TuneOutcome, tuneScenario } from './node/tune/tune-scenario.js';
export type { PlanResult } from './plan/plan.js';
export type { PlanProblem } from './plan/problem-setting.js';
export type { MeasuredScenario } from './report/build-report.js';
export { type HtmlOptions, reportToHtml } from './report/html/page.js';
export type { TrustNote } from './report/run-report.js';
export type { SweepRow } from './sweep/row.js';
export type { SweepTable } from './sweep/sweep-table.js';
