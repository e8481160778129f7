import { cpus, hostname } from 'node:os';
import { join, relative } from 'node:path';
import { InputError, ProblemList } from '../base/problem.js';
import { type CalibrationProgress, capacityPerS, measureAll } from '../calibrate/calibrate.js';
import type { DesignOptions } from '../calibrate/experiment.js';
import { type Fingerprint, fingerprintOf } from '../calibrate/fingerprint.js';
import { type CalibrationFit, fitProfiles } from '../calibrate/fit/fit-profiles.js';
import { fitToText } from '../calibrate/fit-text.js';
import { liveScenario } from '../calibrate/live-scenario.js';
import type { Observation } from '../calibrate/observation.js';
import {
  type InferenceClient,
  LiveError,
  type LiveModelConfig,
  type ServerFacts,
} from '../live/inference-client.js';
import { buildInputs, type InputOptions } from '../live/input-data.js';
import type { PacerKind } from '../live/load/load-options.js';
import { isOnThisMachine } from '../live/load/pacing.js';
import { modelProblems, readyModels } from '../live/ready-models.js';
import { serializeProfile } from '../profile/parse.js';
import type { Provenance } from '../profile/profile.js';
import { canonicalJson } from '../report/canonical-json.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { writeFileAtomically } from './atomic-write.js';
import { giveBackBorrowed, openCalibrationFolder } from './calibration-folder.js';
import { machineName } from './package-facts.js';

export interface CalibrateServerOptions {
  readonly client: InferenceClient;
  /** Default: every model that is ready. */
  readonly models?: readonly string[];
  readonly out: string;
  /** Time for all points together; 3 minutes for each model where left out. */
  readonly budgetS?: number;
  readonly design: DesignOptions;
  readonly inputs?: Omit<InputOptions, 'batchSize'>;
  readonly metricsUrl?: string;
  readonly pacer?: PacerKind;
  /** Kind of the GPU as the profiles shall name it; instances on the host are always `CPU`. */
  readonly gpu?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CalibrationProgress) => void;
  /** All is measured; fitting takes some seconds for each model. */
  readonly onFit?: (points: number) => void;
}

export interface CalibratedServer {
  readonly fit: CalibrationFit;
  readonly report: string;
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
  readonly interrupted: boolean;
}

const SECONDS_PER_MODEL = 180;

/**
 * Calibrates the models of a live server into a folder: points, profiles, the fit report, and a scenario
 * to start from. Goes on where an earlier call into the same folder was stopped.
 * @throws InputError for models that do not exist, or a folder of another server; LiveError when the server fails
 */
export async function calibrateServer(options: CalibrateServerOptions): Promise<CalibratedServer> {
  const { client, out } = options;
  const facts = await client.serverFacts();
  await giveBackBorrowed(out, client);
  const live = await readConfigs(client, options.models);
  const configs = live.map(({ config }) => config);
  requireInputs(configs, options.inputs);
  const fingerprint = fingerprintOf(facts, machineName(), live);
  const store = await openCalibrationFolder(out, fingerprint);
  const cores = isOnThisMachine(client.url) ? cpus().length : undefined;
  const design = { ...options.design, ...(cores !== undefined && { cores }) };
  const budgetS = options.budgetS ?? SECONDS_PER_MODEL * configs.length;
  const measured = await keepingPoints(
    out,
    measureAll({ ...options, design, budgetS, configs, store, isLocal: cores !== undefined }),
  );
  const observations = measured.observations.filter(({ experiment }) => isAbout(experiment, configs));
  options.onFit?.(observations.length);
  const fit = fitProfiles({
    configs,
    observations,
    provenance: (model) => provenanceOf(model, live, facts, fingerprint, measured.observations),
    deviceOf: (model) => deviceOf(configs.find(({ name }) => name === model)!, options.gpu),
    ...(cores !== undefined && { cpuCores: cores }),
    payloadOf: (model) => payloadOf(configs.find(({ name }) => name === model)!),
  });
  const report = fitToText(fit, measured.leftOut);
  const files = await writeResults(out, fit, report, live, measured.observations, options);
  return { fit, report, files, leftOut: measured.leftOut, interrupted: measured.interrupted };
}

function isAbout(experiment: Observation['experiment'], configs: readonly ModelConfig[]): boolean {
  const names = configs.map(({ name }) => name);
  return names.includes(experiment.model) && (!('other' in experiment) || names.includes(experiment.other));
}

/** Configurations in force of the models asked for, or of all that are ready. */
async function readConfigs(
  client: InferenceClient,
  wanted: readonly string[] | undefined,
): Promise<LiveModelConfig[]> {
  const problems = await modelProblems(client, wanted ?? []);
  if (problems.length > 0) throw new InputError(problems.map((each) => ({ path: '--models', ...each })));
  const models = wanted ?? (await readyModels(client));
  if (models.length === 0) throw InputError.of(`${client.url} has no model that is ready`, 'load one');
  return Promise.all([...new Set(models)].map((model) => client.modelConfig(model)));
}

/** Inputs that do not fit a model are told before anything is measured and written. */
function requireInputs(configs: readonly ModelConfig[], inputs: CalibrateServerOptions['inputs']): void {
  const problems = new ProblemList();
  for (const config of configs) {
    try {
      buildInputs(config, { ...inputs, batchSize: 1 });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const problem of error.problems) problems.add({ path: config.name, ...problem });
    }
  }
  problems.throwIfAny();
}

/** A server that fails stops the calibration, and costs nothing of what was measured before. */
async function keepingPoints<T>(out: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    const remedy = `${error.remedy}; what was measured is kept in ${out}, and the same command goes on from there`;
    throw new LiveError(error.kind, error.message, remedy);
  }
}

function deviceOf({ instanceGroups }: ModelConfig, gpu = 'GPU'): string {
  const kinds = instanceGroups.filter(({ passive }) => !passive).map(({ kind }) => kind);
  return kinds.length > 0 && kinds.every((kind) => kind === 'KIND_CPU') ? 'CPU' : gpu;
}

function payloadOf(config: ModelConfig) {
  const bytes = (tensors: ModelConfig['inputs']) =>
    tensors.reduce((sum, { dataType, dims }) => sum + elementBytes(dataType) * product(dims), 0);
  const request = buildInputs(config, { batchSize: 1 }).reduce((sum, { data }) => sum + data.length, 0);
  return { requestBytes: request, responseBytes: bytes(config.outputs) };
}

function product(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * Math.max(1, dim), 1);
}

function elementBytes(dataType: string): number {
  const bits = /(\d+)$/.exec(dataType)?.[1];
  return bits === undefined ? 1 : Number(bits) / 8;
}

function provenanceOf(
  model: string,
  live: readonly LiveModelConfig[],
  facts: ServerFacts,
  fingerprint: Fingerprint,
  observations: readonly Observation[],
): Provenance {
  const config = live.find((each) => each.config.name === model)!.config;
  const dates = observations.map(({ measuredAt }) => measuredAt.slice(0, 10)).sort();
  return {
    source: `measured by perseus calibrate on ${hostname()}`,
    licence: 'own measurement',
    date: dates.at(-1) ?? 'unknown',
    gpu: deviceOf(config),
    driver: 'unknown',
    serverVersion:
      facts.release === undefined ? facts.version : `${facts.version} (release ${facts.release})`,
    backend: config.backend || config.platform || 'unknown',
    precision: config.inputs[0]?.dataType ?? 'unknown',
    notes: `load generator on ${fingerprint.client}; configuration ${fingerprint.models[model]}`,
  };
}

async function writeResults(
  out: string,
  fit: CalibrationFit,
  report: string,
  live: readonly LiveModelConfig[],
  observations: readonly Observation[],
  options: CalibrateServerOptions,
): Promise<string[]> {
  const files: string[] = [];
  const write = async (name: string, text: string) => {
    await writeFileAtomically(join(out, name), text);
    files.push(relative('.', join(out, name)));
  };
  for (const profile of fit.profiles) {
    await write(`${profile.model.replace(/[^\w.-]+/g, '-')}.profile.json`, serializeProfile(profile));
  }
  const { models, pairs, serving, uncertain } = fit;
  await write('fit.json', canonicalJson({ models, pairs, serving, uncertain }));
  await write('fit.txt', report);
  const served = live.filter(({ config }) => fit.profiles.some(({ model }) => model === config.name));
  if (served.length > 0) {
    const loads = served.map(({ config }) => ({
      config,
      ratePerS: Math.max(1, Math.round(0.4 * (capacityPerS(observations, config.name) ?? 1))),
    }));
    await write('scenario.yaml', liveScenario(loads, { gpu: options.gpu }));
  }
  return files;
}
