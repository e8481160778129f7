/** Everything in the core, and what needs files, threads or a drawing library. */

export { diffRuns } from './diff/diff-runs.js';
export { diffSweeps } from './diff/diff-sweeps.js';
export * from './index.js';
export * from './live/inference-client.js';
export { buildInputs, type InputOptions } from './live/input-data.js';
export { readInputContents } from './live/input-files.js';
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
export { parseMetricsPage } from './live/metrics-page.js';
export { type LiveRun, type LiveServer, runLive } from './live/run-live.js';
export { gpuReadings, modelCounters, readMetrics } from './live/server-metrics.js';
export { subtractStatistics } from './live/statistics.js';
export { tritonRecipe } from './live/triton/client-recipe.js';
export { connectTriton, type TritonOptions } from './live/triton/connect.js';
export { readTlsFiles, type TlsFiles, type TlsOptions } from './live/triton/credentials.js';
export { type CalibrateServerOptions, calibrateServer } from './node/calibrate/calibrate-server.js';
export { planLive, validateScenario } from './node/calibrate/validate-scenario.js';
export { readSnapshots } from './node/diff/diff-files.js';
export { writePlacement } from './node/emit/emit-files.js';
export { maxUnpackedBytes, setMaxUnpackedBytes } from './node/files/input-limit.js';
export { loadPlan } from './node/plan/plan-files.js';
export { runPlan } from './node/plan/run-plan.js';
export { checkExpectations } from './node/runs/check-expectations.js';
export { readRequestLog, writeRequestLog } from './node/runs/request-log-files.js';
export { writeHtml, writeRunFolder } from './node/runs/run-folder.js';
export {
  type RunOptions,
  runScenario,
  type ScenarioRun,
  simulateScenario,
} from './node/runs/run-scenario.js';
export { type InitOptions, initScenario } from './node/scenario/init/init.js';
export { readPriceBook } from './node/scenario/price-files.js';
export { readProfiles } from './node/scenario/profile-files.js';
export { loadScenario } from './node/scenario/scenario-files.js';
export { importTraceFile, importTraceFiles, readTrace, writeTrace } from './node/scenario/trace-files.js';
export { prepareSweep } from './node/sweep/prepare-sweep.js';
export { runSweep } from './node/sweep/run-sweep.js';
export { tuneScenario } from './node/tune/tune-scenario.js';
export { reportToHtml } from './report/html/page.js';
