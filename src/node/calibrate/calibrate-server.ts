import { cpus } from 'node:os';
import { asMeasured, largestRequest } from '../../calibrate/as-measured.js';
import { type CalibrationProgress, type LeftOutPoint, measureAll } from '../../calibrate/calibrate.js';
import type { CacheTimes } from '../../calibrate/composed/lone-blocks.js';
import {
  lagsOf,
  type StreamTimes,
  streamLines,
  withFirstResponses,
  withinExecutions,
} from '../../calibrate/composed/streams.js';
import { type DesignOptions, type Experiment, modelsOf } from '../../calibrate/experiment.js';
import { type Fingerprint, fingerprintOf } from '../../calibrate/fingerprint.js';
import { type CalibrationFit, fitProfiles } from '../../calibrate/fit/fit-profiles.js';
import { fitToText } from '../../calibrate/fit-text.js';
import { ASSUMED_CACHE_MB } from '../../calibrate/live-scenario.js';
import { liveServer } from '../../calibrate/live-server.js';
import { nextProbe, type Probe } from '../../calibrate/next-probe.js';
import { ModelChanged } from '../../calibrate/somebody-else.js';
import {
  type InferenceClient,
  LiveError,
  type LiveModelConfig,
  type ServerFacts,
} from '../../live/inference-client.js';
import type { PacerKind } from '../../live/load/load-options.js';
import { isOnThisMachine } from '../../live/load/pacing.js';
import { assumedInputs, type GivenInputs, inputsOf, requireInputs } from '../../live/model-inputs.js';
import { withOwnSequences } from '../../live/own-sequences.js';
import { isSameModel } from '../../live/reload-model.js';
import { type GpuReading, readGpus } from '../../live/server-metrics.js';
import { inSharedMemory } from '../../live/shared-tensors.js';
import { serviceTime, totalMs } from '../../profile/service-time.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { machineName } from '../runs/package-facts.js';
import { readConfigs } from './asked-configs.js';
import { openCalibrationFolder, restoreChanged } from './calibration-folder.js';
import {
  composedLines,
  type FoundModels,
  findComposed,
  type Looks,
  type MeasuredComposed,
  measureAllComposed,
  measureCaches,
  measureStreams,
} from './composed-models.js';
import { deviceOf, measureAnswers, payloadOf, provenanceOf } from './measured-as.js';
import { writeResults } from './write-results.js';

/** Which models of a server are calibrated, how, and where the profiles go. */
export interface CalibrateServerOptions extends Looks {
  readonly client: InferenceClient;
  /** Default: every model that is ready. */
  readonly models?: readonly string[];
  /** Folder of the calibration: the points, and the profiles fitted to them. */
  readonly out: string;
  /** Time for all points together; 3 minutes for each model where left out. */
  readonly budgetS?: number;
  readonly design: DesignOptions;
  /** What requests hold; zeros where left out. */
  readonly inputs?: GivenInputs;
  readonly metricsUrl?: string;
  /** Over which protocol the client sends; gRPC where left out. */
  readonly protocol?: 'http';
  /** Where tensors are; in the requests where left out. */
  readonly sharedMemory?: 'system';
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
  /** Files of an earlier call that somebody has changed since: left alone, with the new text beside them. */
  readonly leftAlone: readonly string[];
  readonly leftOut: readonly LeftOutPoint[];
  readonly interrupted: boolean;
  /** What would narrow the interval of predictions most, where anything is left to measure. */
  readonly nextProbe?: Probe;
}

const SECONDS_PER_MODEL = 180;

/**
 * Calibrates the models of a live server into a folder: points, profiles, the fit report, and a scenario
 * to start from. Goes on where an earlier call into the same folder was stopped.
 * @throws InputError for models that do not exist, or a folder of another server; LiveError when the server fails
 */
export async function calibrateServer(options: CalibrateServerOptions): Promise<CalibratedServer> {
  const { client, inputs = {}, sharedMemory } = options;
  const facts = await client.serverFacts();
  await restoreChanged(options.out, client);
  const asked = await readConfigs(options);
  const found = await findComposed(client, asked, inputs, options);
  const configs = [...found.plain, ...found.composed].map(({ config }) => asMeasured(config));
  requireInputs(inputs, configs);
  if (sharedMemory === undefined) return calibrateFound(options, facts, found);
  const models = configs.map((config) => {
    const largestBatch = Math.max(1, Math.min(largestRequest(config), options.design.largestBatch));
    return { config, largestBatch };
  });
  const sharing = { inputs: inputsOf(inputs), path: '--shared-memory' };
  const shared = await inSharedMemory(client, models, sharing);
  try {
    return await calibrateFound({ ...options, client: shared.client }, facts, found);
  } finally {
    await shared.release();
  }
}

async function calibrateFound(
  options: CalibrateServerOptions,
  facts: ServerFacts,
  found: FoundModels,
): Promise<CalibratedServer> {
  const task = await taskOf(options, facts, found);
  const measured = await measureFound(options, task);
  const { observations, leftOut, interrupted, composed, caches, streams } = measured;
  options.onFit?.(observations.length);
  const fit = fitFound(options, task, measured);
  const told = withinExecutions(ofModelsAlone(streams, found), executionsUs(fit.profiles, composed));
  const lines = [...composedLines(composed, caches), ...streamLines(told)];
  const report = [...lines, fitToText(fit, leftOut)].join('\n');
  const { cores, configs, design, budgetS, gpus } = task;
  const results = { fit, report, live: found.plain, observations, gpus, composed, caches, streams: told };
  const { files, leftAlone } = await writeResults({ ...options, cores }, results);
  const { inputs = {} } = options;
  const known = { configs, observations, leftOut, design, budgetS, inputs, profiles: fit.profiles };
  const probe = nextProbe(known);
  return { fit, report, files, leftAlone, leftOut, interrupted, ...(probe && { nextProbe: probe }) };
}

/** What is to be measured, and where it is kept. */
interface Task {
  readonly facts: ServerFacts;
  readonly found: FoundModels;
  /** Of the models that execute themselves, as they are measured. */
  readonly configs: readonly ModelConfig[];
  readonly gpus: readonly GpuReading[];
  readonly fingerprint: Fingerprint;
  readonly store: Awaited<ReturnType<typeof openCalibrationFolder>>;
  /** Of the server's host, where it is this machine. */
  readonly cores: number | undefined;
  readonly design: DesignOptions;
  readonly budgetS: number;
}

/** @throws LiveError when the metrics cannot be read */
async function taskOf(
  options: CalibrateServerOptions,
  facts: ServerFacts,
  found: FoundModels,
): Promise<Task> {
  const { client, out, metricsUrl, budgetS } = options;
  const configs = found.plain.map(({ config }) => asMeasured(config));
  const gpus = metricsUrl === undefined ? [] : await readGpus(metricsUrl);
  const uuids = gpus.map(({ uuid }) => uuid);
  const fingerprint = fingerprintOf(facts, machineName(), found.plain, { ...options, gpus: uuids });
  const store = await openCalibrationFolder(out, fingerprint, client);
  const cores = isOnThisMachine(client.url) ? cpus().length : undefined;
  const design = { ...options.design, ...(cores !== undefined && { cores }) };
  const times = { design, budgetS: budgetS ?? SECONDS_PER_MODEL * configs.length };
  return { facts, found, configs, gpus, fingerprint, store, cores, ...times };
}

/** All that was measured: points of single models, models that others work for, caches and streams. */
type Measured = Awaited<ReturnType<typeof measureFound>>;

async function measureFound(
  options: CalibrateServerOptions,
  { found, configs, store, design, budgetS }: Task,
) {
  const { client, out, inputs = {} } = options;
  const ofComposed = found.composed.map(({ config }) => config);
  const own = withOwnSequences(client, [...configs, ...ofComposed]);
  const streams = await measureStreams(own, found, inputs);
  const lagsUs = lagsOf(streams);
  const answers = await measureAnswers(client, configs, inputsOf(inputs));
  const points = await keepingPoints(
    out,
    measureAll({
      ...options,
      ...{ design, budgetS, configs, composed: found.composed, store },
      server: liveServer({
        ...options,
        client: withFirstResponses(own, (model) => lagsUs.has(model)),
        lagsUs,
        inputs: inputsOf(inputs),
        configs: new Map(configs.map((config) => [config.name, config])),
        noteChanged: (model) => store.noteChanged(model),
      }),
      requireUnchanged: (experiment) => requireUnchanged(client, found.plain, experiment),
    }),
  );
  const { interrupted } = points;
  const composed: readonly MeasuredComposed[] = interrupted
    ? found.composed
    : await measureAllComposed(own, found, inputsOf(inputs), streams, options);
  const caches = interrupted
    ? new Map<string, CacheTimes>()
    : await measureCaches(client, [...found.plain, ...found.composed], inputsOf(inputs));
  return { ...points, answers, streams, composed, caches };
}

function fitFound(
  { inputs = {}, sharedMemory, gpu }: CalibrateServerOptions,
  { facts, found, configs, fingerprint, cores }: Task,
  { observations, answers, caches, interrupted }: Measured,
): CalibrationFit {
  const live = found.plain;
  const configOf = (model: string) => configs.find(({ name }) => name === model)!;
  const fitted = fitProfiles({
    configs,
    observations,
    provenance: (model) => provenanceOf(model, { live, facts, fingerprint, observations, gpu }),
    deviceOf: (model) => deviceOf(configOf(model), gpu),
    ...(cores !== undefined && { cpuCores: cores }),
    payloadOf: (model) =>
      sharedMemory === undefined
        ? payloadOf(configOf(model), inputsOf(inputs), answers.get(model))
        : { requestBytes: 0, responseBytes: 0 },
  });
  const uncertain = [
    ...fitted.uncertain,
    ...(caches.size > 0 ? [CACHE_SIZE] : []),
    ...found.uncertain,
    ...assumedInputs(inputs, [...configs, ...found.composed.map(({ config }) => config)]),
    ...(interrupted ? [INTERRUPTED] : []),
  ];
  return { ...fitted, uncertain };
}

/** Responses of an ensemble are those of its steps. */
function ofModelsAlone(
  streams: ReadonlyMap<string, StreamTimes>,
  { composed }: FoundModels,
): ReadonlyMap<string, StreamTimes> {
  const ensembles = new Set(
    composed.flatMap(({ config }) => (config.ensemble === undefined ? [] : [config.name])),
  );
  return new Map([...streams].filter(([name]) => !ensembles.has(name)));
}

/** How long an execution of one request takes, by model. */
function executionsUs(
  profiles: CalibrationFit['profiles'],
  composed: readonly MeasuredComposed[],
): ReadonlyMap<string, number> {
  return new Map([
    ...profiles.map((profile) => [profile.model, 1000 * totalMs(serviceTime(profile, 1))] as const),
    ...composed.flatMap(({ config, busyUs }) =>
      busyUs === undefined ? [] : [[config.name, busyUs] as const],
    ),
  ]);
}

const CACHE_SIZE = `the size of the response cache, which no server tells: ${ASSUMED_CACHE_MB} MiB are assumed; write into triton.cache what --cache-config says`;
const INTERRUPTED =
  'all of it: interrupted, fitted to what had been measured until then; the same command goes on from there';

/** @throws ModelChanged for a model of the point that is not served as it was */
async function requireUnchanged(
  client: InferenceClient,
  live: readonly LiveModelConfig[],
  experiment: Experiment,
): Promise<void> {
  const names = modelsOf(experiment);
  for (const model of live) {
    const { name } = model.config;
    if (!names.includes(name)) continue;
    const isSame = (await client.isModelReady(name)) && isSameModel(await client.modelConfig(name), model);
    if (!isSame) throw new ModelChanged(name);
  }
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
