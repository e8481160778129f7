import { formatProblem } from '../../base/problem.js';
import { shellWord } from '../../base/shell-word.js';
import type { ModelProfile } from '../../profile/profile.js';
import { knownMemoryMb } from '../gpu-kinds.js';
import type { PythonCalls } from '../repository/python-calls.js';
import type { Survey } from '../repository/survey.js';
import type { SurveyedModel } from '../repository/survey-folder.js';
import { answerPoints } from './answers.js';
import { entryModels, reachedFrom } from './callers.js';
import { type ChosenGpu, chooseGpu } from './choose-gpu.js';
import { chooseProfiles, type KnownProfiles, type ProfileChoice } from './choose-profiles.js';
import { DECODE_MS, PLACEHOLDER_ENGINE, PLACEHOLDER_MS } from './placeholder-profile.js';
import { doubtOfStandIn } from './stand-in.js';
import { CACHE_MB, type StarterEntry, type StarterModel, starterScenario, usesGpu } from './starter.js';

export interface DraftOptions {
  /** Name of the scenario. */
  readonly name: string;
  readonly survey: Survey;
  /** Kinds of GPU, of which a scenario takes the first. Default: what the profiles beside it say, else a guess. */
  readonly gpus?: readonly string[];
  readonly profiles: KnownProfiles;
  /** Path of the folder of profiles, as the scenario names it and as a command does. */
  readonly profileFolder: string;
  readonly profileFolderHere: string;
  /** Path of a model's config.pbtxt as the scenario names it. */
  readonly configPath: (model: SurveyedModel) => string;
}

/** Something in a first scenario that nobody has told, and what would supply it. */
export interface OpenPoint {
  readonly what: string;
  /** A command, or a place in the scenario. */
  readonly supply: string;
}

export interface Draft {
  /** Text of the scenario. */
  readonly text: string;
  /** Profiles to fill in, by the name of their file in the folder of profiles. */
  readonly placeholders: ReadonlyMap<string, ModelProfile>;
  /** Names of its models, and of those that have a tenant, in its order. */
  readonly models: readonly string[];
  readonly entries: readonly string[];
  readonly openPoints: readonly OpenPoint[];
  readonly remarks: readonly { readonly model: string; readonly remark: string }[];
  readonly leftOut: readonly { readonly model: string; readonly reason: string }[];
  /** The same, with the folders of the models. */
  readonly survey: Survey;
}

/** A first scenario for the models of repositories, with all that was guessed for it. */
export function draftScenario(options: DraftOptions): Draft {
  const { survey, profiles } = options;
  const configs = survey.models.map(({ config }) => config);
  const gpu = chooseGpu(options.gpus?.[0], configs, profiles);
  const chosen = survey.models.map((model) => ({ model, choice: choiceOf(model, gpu.kind, profiles) }));
  const entries = entryModels(survey.models).map((model) => entryOf(model, survey.models));
  const openPoints = [
    ...gpuPoints(survey.models, gpu),
    ...chosen.flatMap(({ model, choice }) => modelPoints(model, choice, gpu.kind, options)),
    ...pairPoints(chosen, gpu.kind, options),
    ...entries.flatMap(sequencePoints),
    ...entries.flatMap(tokenPoints),
    ...cachePoints(survey.models),
    ...limitPoints(survey.models),
    ratesPoint(entries, 'scenario'),
  ];
  const placeholders = chosen.flatMap(({ choice }) => choice.placeholders);
  const models = survey.models.map(({ name }) => name);
  const leftOut = survey.leftOut.map(({ name, problems }) => ({
    model: name,
    reason: problems.map(formatProblem).join('; '),
  }));
  return {
    text: starterScenario({
      name: options.name,
      gpu: gpu.kind,
      isGuess: gpu.isGuess,
      profiles: profileFolders(
        options,
        chosen.map(({ choice }) => choice),
      ),
      models: chosen.map(({ model, choice }) => starterModel(model, choice, options)),
      entries,
      leftOut,
      openPoints,
    }),
    placeholders: new Map(
      placeholders
        .filter((profile) => !profiles.own.includes(profile))
        .map((profile) => [fileNameOf(profile), profile]),
    ),
    models,
    entries: entries.map(({ model }) => model),
    openPoints,
    remarks: survey.models.flatMap(({ name, remarks }) => remarks.map((remark) => ({ model: name, remark }))),
    leftOut,
    survey,
  };
}

/** As long as a second or so of a stream, in pieces of a tenth of a second. */
const GUESSED_SEQUENCES = { requests: 10, gapMs: 100 };

/** Its tenant sends sequences where any model that it reaches takes them, with gaps that no slot is lost in. */
export function entryOf(model: SurveyedModel, models: readonly SurveyedModel[]): StarterEntry {
  const { name } = model;
  const reached = reachedFrom(model, models);
  const idlesMs = reached.flatMap(({ config: { sequences } }) =>
    // Each request to an iterative model is a sequence of its own.
    sequences === undefined || sequences.isIterative ? [] : [sequences.maxSequenceIdleUs / 1000],
  );
  const hasTokens = reached.some(({ engine }) => engine !== undefined);
  if (idlesMs.length === 0) return { model: name, hasTokens };
  const gapMs = Math.min(GUESSED_SEQUENCES.gapMs, ...idlesMs.map((idleMs) => idleMs / 2));
  return { model: name, sequences: { ...GUESSED_SEQUENCES, gapMs } };
}

export function ratesPoint({ length }: readonly StarterEntry[], file: 'scenario' | 'plan'): OpenPoint {
  const whose = length === 1 ? 'its tenant' : `${length} tenants`;
  return {
    what: `rates and SLOs of ${whose} are placeholders`,
    supply: `edit tenants: at the end of the ${file}`,
  };
}

export function tokenPoints({ model, hasTokens }: StarterEntry): readonly OpenPoint[] {
  if (hasTokens !== true) return [];
  return [
    {
      what: `tokens of ${model}-users: 500 read and 200 written by a request, on average, are a guess`,
      supply: 'correct tokens: of that tenant, or give it a trace with prompt_tokens and output_tokens',
    },
  ];
}

export function sequencePoints({ model, sequences }: StarterEntry): readonly OpenPoint[] {
  if (sequences === undefined) return [];
  const { requests, gapMs } = sequences;
  return [
    {
      what: `sequences of ${model}-users: ${requests} requests, one every ${gapMs} ms, are a guess`,
      supply: 'correct sequences: of that tenant, or give it a trace with a column sequence_id',
    },
  ];
}

const NOTHING: ProfileChoice = { standIns: [], placeholders: [] };

/** Whether it needs a profile: an ensemble executes nothing itself, and the own time of a model that calls others stands among its calls. */
export function isTimed({ steps, calls }: SurveyedModel): boolean {
  return steps === undefined && calls === undefined;
}

function choiceOf(model: SurveyedModel, gpu: string, profiles: KnownProfiles): ProfileChoice {
  return isTimed(model) ? chooseProfiles(model.config, gpu, profiles, model.engine) : NOTHING;
}

/** A scenario must name profiles, also where no model needs one. */
export const ANY_PROFILES = 'shipped:t4';

function profileFolders(
  { profiles, profileFolder }: DraftOptions,
  choices: readonly ProfileChoice[],
): readonly string[] {
  const hasOwn = profiles.own.length > 0 || choices.some(({ placeholders }) => placeholders.length > 0);
  const shipped = choices.flatMap(({ standIns }) => standIns.map(({ folder }) => `shipped:${folder}`));
  const folders = [...(hasOwn ? [profileFolder] : []), ...[...new Set(shipped)].sort()];
  return folders.length === 0 ? [ANY_PROFILES] : folders;
}

export function fileNameOf({ model, device }: Pick<ModelProfile, 'model' | 'device'>): string {
  return `${model}.${device.replace(/[^\w.-]+/g, '-')}.profile.json`;
}

function starterModel(model: SurveyedModel, choice: ProfileChoice, options: DraftOptions): StarterModel {
  const [standIn] = choice.standIns;
  return {
    ...model,
    ...(model.inline === undefined && { configPath: options.configPath(model) }),
    ...(standIn !== undefined && { standIn }),
  };
}

function gpuPoints(
  models: readonly SurveyedModel[],
  { kind, isGuess, alike = [] }: ChosenGpu,
): readonly OpenPoint[] {
  if (!models.some(({ config, steps }) => steps === undefined && usesGpu(config))) return [];
  const guess = { what: `kind of GPU: ${kind} is a guess`, supply: 'name yours with --gpu KIND' };
  const memory = {
    what: `memory of ${kind} is not known here, 16384 MiB is a guess`,
    supply: 'correct memoryMb: of the devices; nvidia-smi shows it',
  };
  return [
    ...(isGuess ? [guess] : []),
    ...alikePoints(kind, alike),
    ...(knownMemoryMb(kind) === undefined ? [memory] : []),
  ];
}

/** Of a kind that no profile is of: those that may have been meant. */
export function alikePoints(kind: string, alike: readonly string[]): readonly OpenPoint[] {
  if (alike.length === 0) return [];
  return [
    {
      what: `kind of GPU: no profile is of ${kind}`,
      supply: `name one with --gpu: ${alike.join(', ')}`,
    },
  ];
}

function cachePoints(models: readonly SurveyedModel[]): readonly OpenPoint[] {
  if (!models.some(({ config }) => config.responseCache === true)) return [];
  return [
    {
      what: `size of the response cache: ${CACHE_MB} MiB is a guess`,
      supply:
        'correct triton: {cache: ...} of the server, by the server option --cache-config local,size=BYTES',
    },
    {
      what: 'how often requests are equal is not known: as it is written, never',
      supply: 'write contents: {objects: N} at the tenants, or give them a trace with a column content_id',
    },
  ];
}

/** Triton's own default is off, whatever its models say. */
function limitPoints(models: readonly SurveyedModel[]): readonly OpenPoint[] {
  const limited = models.filter(({ config }) => config.instanceGroups.some(({ rateLimiter }) => rateLimiter));
  if (limited.length === 0) return [];
  return [
    {
      what: `rate_limiter of ${limited.map(({ name }) => name).join(', ')} has no effect: whether the server limits rates is not known`,
      supply: 'write triton: {rateLimit: execution_count} at the server, if it starts with --rate-limit so',
    },
  ];
}

/** Models measured one by one have not met: one calibration of all of them supplies both. */
function pairPoints(
  chosen: readonly { readonly model: SurveyedModel; readonly choice: ProfileChoice }[],
  gpu: string,
  { profileFolderHere }: DraftOptions,
): readonly OpenPoint[] {
  const unmeasured = chosen.filter(
    ({ model, choice }) =>
      usesGpu(model.config) &&
      model.engine === undefined &&
      choice.standIns.length + choice.placeholders.length > 0,
  );
  if (unmeasured.length < 2) return [];
  const names = unmeasured.map(({ model }) => model.name);
  return [
    {
      what: `what these ${names.length} models cost each other on one ${gpu} is not known`,
      supply: `${calibration(names, gpu, profileFolderHere)} measures all of them, and pairs`,
    },
  ];
}

function calibration(names: readonly string[], gpu: string | undefined, out: string): string {
  const listed = shellWord(names.map((name) => name.replaceAll(',', '\\,')).join(','));
  const ofGpu = gpu === undefined ? '' : ` --gpu ${shellWord(gpu)}`;
  return `perseus calibrate --url HOST:8001 --models ${listed}${ofGpu} --out ${shellWord(out)}`;
}

function modelPoints(
  model: SurveyedModel,
  { standIns, placeholders }: ProfileChoice,
  gpu: string,
  { profileFolderHere }: DraftOptions,
): readonly OpenPoint[] {
  const { name, config, isCompleted, engine } = model;
  const measure = calibration([name], usesGpu(config) ? gpu : undefined, profileFolderHere);
  const points: OpenPoint[] = standIns.map((standIn) => ({
    what: `${name}: profile ${standIn.profile.model} stands in: ${doubtOfStandIn(standIn)}`,
    supply: `${measure}, then delete its line profile:`,
  }));
  for (const profile of placeholders) {
    const file = `${profileFolderHere}/${fileNameOf(profile)}`;
    if (engine !== undefined) {
      points.push(enginePoint(name, profile.device, file));
      continue;
    }
    points.push({
      what: `${name}: ${PLACEHOLDER_MS} ms an inference on ${profile.device} is a placeholder`,
      supply: `write your figures into ${file}; or ${measure}, then delete that file`,
    });
  }
  if (isCompleted === true) {
    points.push({
      what: `${name}: there is no config.pbtxt; ${config.backend} and max_batch_size ${config.maxBatchSize} are what Triton may take`,
      supply: `curl HOST:8000/v2/models/${encodeURIComponent(name)}/config shows what it takes: write that under its config:`,
    });
  }
  return [...points, ...answerPoints(model, 'scenario'), ...callPoints(model, 'scenario')];
}

export function callPoints({ name, calls }: SurveyedModel, file: 'scenario' | 'plan'): readonly OpenPoint[] {
  if (calls === undefined) return [];
  return [
    {
      what: `${name}: it calls ${calledText(calls)}; how often, in which order and its own time are guesses`,
      supply: `edit its calls: in the ${file}`,
    },
  ];
}

/** No calibration measures an engine. */
export function enginePoint(name: string, device: string, file: string): OpenPoint {
  const { prefillMsPerToken, kvTokens } = PLACEHOLDER_ENGINE;
  return {
    what: `${name}: ${DECODE_MS} ms a decode step, ${prefillMsPerToken} ms a token of a prompt and ${kvTokens} tokens of KV cache on ${device} are placeholders`,
    supply: `write your figures into ${file}: the engine logs its KV cache, genai-perf measures times to first and between tokens`,
  };
}

function calledText({ models, absent = [], hasUnknown }: PythonCalls): string {
  return [
    ...models,
    ...absent.map((name) => `${name}, which is in no repository that was named`),
    ...(hasUnknown ? ['a model that only its running code knows'] : []),
  ].join(', ');
}
