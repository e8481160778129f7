import { formatProblem } from '../../base/problem.js';
import type { ModelProfile } from '../../profile/profile.js';
import { knownMemoryMb } from '../gpu-kinds.js';
import type { Survey } from '../repository/survey.js';
import type { SurveyedModel } from '../repository/survey-folder.js';
import { entryModels, reachedFrom } from './callers.js';
import { type ChosenGpu, chooseGpu } from './choose-gpu.js';
import { chooseProfiles, type KnownProfiles, type ProfileChoice } from './choose-profiles.js';
import { modelPoints, pairPoints } from './model-points.js';
import { placeholderFile } from './placeholder-profile.js';
import { CACHE_MB, type StarterEntry, type StarterModel, starterScenario, usesGpu } from './starter.js';

export interface DraftOptions {
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
        .map((profile) => [placeholderFile(profile), profile]),
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
