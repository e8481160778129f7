import { plural } from '../../base/plural.js';
import { shellWord } from '../../base/shell-word.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { PythonCalls } from '../repository/python-calls.js';
import type { SurveyedModel } from '../repository/survey-folder.js';
import type { Scenario } from '../scenario.js';
import { profilesIn } from '../with-profiles.js';
import { answerPoints } from './answers.js';
import type { ProfileChoice } from './choose-profiles.js';
import type { DraftOptions, OpenPoint } from './draft.js';
import { DECODE_MS, PLACEHOLDER_ENGINE, PLACEHOLDER_MS, placeholderFile } from './placeholder-profile.js';
import { doubtOfStandIn } from './stand-in.js';
import { usesGpu } from './starter.js';

/** Models measured one by one have not met: one calibration of all of them supplies both. */
export function pairPoints(
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

/** What must hold for an answer that rests on profiles which nobody filled in, with what would supply them; undefined where none does. */
export function guessesText(profiles: readonly ModelProfile[]): string | undefined {
  const guesses = [
    ...new Map(
      profiles.flatMap((profile) =>
        profile.placeholder === true ? [[placeholderFile(profile), profile]] : [],
      ),
    ).values(),
  ];
  if (guesses.length === 0) return undefined;
  const [gpu, ...others] = new Set(guesses.map(({ device }) => device).filter((kind) => kind !== CPU_KIND));
  const measured = [
    ...new Set(guesses.flatMap(({ model, engine }) => (engine === undefined ? [model] : []))),
  ];
  const them = plural(guesses.length, 'it', 'them');
  const supply =
    measured.length === 0
      ? `write your figures into ${them}`
      : `${calibration(measured, others.length === 0 ? gpu : undefined, 'FOLDER')} measures ${them}`;
  return `${guesses.length} guessed ${plural(guesses.length, 'profile is', 'profiles are')} right (${supply})`;
}

/** The same of all profiles that scenarios use. */
export function guessesIn(...scenarios: readonly Pick<Scenario, 'servers'>[]): string | undefined {
  return guessesText(
    scenarios.flatMap(({ servers }) => servers.flatMap((server) => [...profilesIn(server)])),
  );
}

/** What a model's part of a first scenario leaves open. */
export function modelPoints(
  model: SurveyedModel,
  choice: ProfileChoice,
  gpu: string,
  options: DraftOptions,
): readonly OpenPoint[] {
  return [
    ...profilePoints(model, choice, gpu, options),
    ...completedPoints(model),
    ...answerPoints(model, 'scenario'),
    ...callPoints(model, 'scenario'),
  ];
}

/**
 * What is open of a model's times on a kind of GPU, each with the command that measures it.
 * @param isOneKind its `profile` names no stand-ins for other kinds, which must stay
 */
export function profilePoints(
  { name, config, engine }: SurveyedModel,
  { standIns, placeholders }: ProfileChoice,
  gpu: string,
  { profileFolderHere }: DraftOptions,
  isOneKind = true,
): readonly OpenPoint[] {
  const measure = calibration([name], usesGpu(config) ? gpu : undefined, profileFolderHere);
  const points: OpenPoint[] = standIns.map((standIn) => ({
    what: `${name}: profile ${standIn.profile.model} on ${standIn.profile.device} stands in: ${doubtOfStandIn(standIn)}`,
    supply: `${measure}, then ${isOneKind ? 'delete its line profile:' : `write ${name} first in its profile:`}`,
  }));
  for (const profile of placeholders) {
    const file = `${profileFolderHere}/${placeholderFile(profile)}`;
    if (engine !== undefined) {
      points.push(enginePoint(name, profile.device, file));
      continue;
    }
    points.push({
      what: `${name}: ${PLACEHOLDER_MS} ms an inference on ${profile.device} is a placeholder`,
      supply: `write your figures into ${file}; or ${measure}, then delete the placeholder`,
    });
  }
  return points;
}

/** Of a model whose configuration Triton completes itself. */
export function completedPoints({ name, config, isCompleted, folder }: SurveyedModel): readonly OpenPoint[] {
  if (isCompleted !== true) return [];
  const present =
    config.backend === 'python'
      ? 'its model.py sets what only its running code knows'
      : 'its config.pbtxt lacks input or output';
  const lack = folder.config === undefined ? 'there is no config.pbtxt' : present;
  const taken = `${config.backend || config.platform} and max_batch_size ${config.maxBatchSize}`;
  return [
    {
      what: `${name}: ${lack}; ${taken} are what Triton may take`,
      supply: `curl HOST:8000/v2/models/${encodeURIComponent(name)}/config shows what it takes: write that under its config:`,
    },
  ];
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
function enginePoint(name: string, device: string, file: string): OpenPoint {
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
