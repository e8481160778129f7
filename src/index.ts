/**
 * The core of perseus: pure and synchronous, for Node and for a browser worker. Files and threads are
 * in `perseus/node`; charts and HTML, which load a drawing library, in `perseus/node` as well.
 */
export { LatencyHistogram } from './base/histogram.js';
export { formatProblem, InputError, type Place, type Problem, ProblemList } from './base/problem.js';
export { Random, RandomStreams } from './base/random.js';
export type { Warning, WarningCode } from './base/warning.js';
export { costBreakdown, type PricedServer, type TenantPenalty } from './cost/breakdown.js';
export {
  type CostComparison,
  type CostedRun,
  compareCost,
  type MarginalCost,
  marginalCost,
  type PlacementCosts,
} from './cost/compare.js';
export type { CostBreakdown, Price, TenantCost } from './cost/cost.js';
export { type MachinePart, priceMachine } from './cost/machine-price.js';
export { parsePriceBook } from './cost/parse-price-book.js';
export { findPrice, type PriceBook, type PriceQuery } from './cost/price-book.js';
export { costOfScenario } from './cost/scenario-cost.js';
export { type Slowdown, slowdown } from './effects/interference/slowdown.js';
export type { Cause } from './metrics/causes.js';
export { compareLatency, type LatencyQuestion, type NamedLog } from './metrics/compare-latency.js';
export { type ExplainQuestion, type Explanation, explain } from './metrics/explain.js';
export type { MeasuredTenant } from './metrics/measured-tenant.js';
export { summarizeRuns } from './metrics/replications.js';
export type { SlowRequests } from './metrics/slow-requests.js';
export type { PairedComparison } from './metrics/statistics/paired.js';
export { type MeasuredRun, summarize } from './metrics/summarize.js';
export {
  type DeviceSummary,
  type Estimate,
  type LatencySummary,
  type ModelSummary,
  PERCENTILES,
  percentileOf,
  type SloSummary,
  type Split,
  type Stability,
  type Summary,
  type TenantSummary,
} from './metrics/summary.js';
export { describeProfile, type ProfileDescription } from './profile/describe.js';
export { inspectProfile } from './profile/inspect.js';
export {
  type ProfileOptions,
  parseProfile,
  parseServerProfile,
  serializeProfile,
  serializeServerProfile,
  serverProfileOf,
} from './profile/parse.js';
export type { ModelProfile, Provenance, ServicePoint, Spread } from './profile/profile.js';
export type { ServerProfile } from './profile/server-profile.js';
export { type PhaseTimes, type ServiceTable, serviceTable, serviceTime } from './profile/service-time.js';
export { latencyBounds } from './report/bounds.js';
export { buildReport, type ReportOptions, type SimulatedRun, summarizeRun } from './report/build-report.js';
export { devicesToCsv, tenantsToCsv } from './report/csv.js';
export { type ExplainedTenant, explainTenant } from './report/explain-tenant.js';
export { type ExplanationTextOptions, explanationToText } from './report/explanation-text.js';
export { parseReport, reportToJson } from './report/json.js';
export type { RunReport, TenantBound } from './report/run-report.js';
export { type ReportTextOptions, reportToText } from './report/text.js';
export type { Change } from './scenario/changes.js';
export { type CheckedScenario, checkScenario } from './scenario/check.js';
export type { DynamicBatching, InstanceGroup, ModelConfig, QueuePolicy } from './scenario/model-config.js';
export { type ResolveOptions, resolveSpec } from './scenario/resolve-spec.js';
export type {
  ConfigFile,
  Loaded,
  PriceMachine,
  ProfileFile,
  ScenarioResources,
} from './scenario/resources.js';
export type {
  Device,
  Load,
  Machine,
  Network,
  Routing,
  Scenario,
  ServedModel,
  Server,
  ServerOptions,
  Sharing,
  Slo,
  Tenant,
} from './scenario/scenario.js';
export { parseScenarioSpec, type ScenarioDocument, type ScenarioSpec } from './scenario/spec.js';
export type { ComponentResult } from './simulator/component-result.js';
export { chooseTarget, type RouterState } from './simulator/load/routing.js';
export { type Component, partition } from './simulator/partition.js';
export {
  mpsLaw,
  type RunningExecutions,
  type SharingLaw,
  streamsLaw,
  timeSlicesLaw,
} from './simulator/resources/sharing.js';
export type { DeviceUse, ExecutionCounts, HostUse, SimulationResult } from './simulator/result.js';
export {
  type BatchDecision,
  type BatchingRules,
  batchingRules,
  formBatch,
  formUnitBatch,
  type OpenPayload,
  type PendingRequests,
} from './simulator/server/batching.js';
export { assemble, type SimulateOptions, simulate, simulateComponent } from './simulator/simulate.js';
export { type ModelLatencies, simulateLatencies } from './simulator/simulate-latencies.js';
export { type BuildOptions, buildTrace, sortByArrival, type TraceColumns } from './trace/build.js';
export { type CalledModel, type CallTable, type CallTree, firstCall } from './trace/calls.js';
export type { ReadOptions } from './trace/collect.js';
export { formatTraceCsv, parseTraceCsv } from './trace/csv.js';
export { describeTrace, type TraceDescription } from './trace/describe.js';
export type { ImportedTrace, ImportOptions, SourceFile } from './trace/import/options.js';
export { importers, importSource, importTrace } from './trace/importers.js';
export { formatTraceJsonl, parseTraceJsonl } from './trace/jsonl.js';
export { Outcome, type RequestLog, type ResponseColumns } from './trace/request-log.js';
export { type ArrivalOptions, type ArrivalStream, arrivalStream } from './trace/synthesis/arrival-stream.js';
export { type GenerateOptions, generateTrace } from './trace/synthesis/generate.js';
export { meanRatePerS } from './trace/synthesis/mean-rate.js';
export type { ArrivalProcess } from './trace/synthesis/process.js';
export type { Trace } from './trace/trace.js';
export {
  concatTraces,
  type MapSourcesOptions,
  mapSources,
  renameTenants,
  type SliceOptions,
  scaleRate,
  scaleTime,
  selectTenant,
  sliceTrace,
  superposeTraces,
  thinTrace,
} from './trace/transform.js';
