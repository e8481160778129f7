import { printable } from '../base/printable.js';
import { quotedYaml, yamlText } from '../base/yaml-text.js';
import { knownMemoryMb } from './gpu-kinds.js';
import type { ModelConfig } from './model-config.js';

/** What a first scenario is written from. */
export interface StarterOptions {
  readonly name: string;
  /** Kind of GPU as profiles name it. */
  readonly gpu: string;
  /** Nobody has said that it is this one. */
  readonly isGuess: boolean;
  /** Path of the folder of profiles, relative to the scenario. */
  readonly profiles: string;
  readonly models: readonly StarterModel[];
  /** Models that are not in the scenario, and why. */
  readonly leftOut: readonly { readonly model: string; readonly reason: string }[];
  /** Profiles that must be made before the scenario can be run. */
  readonly missingProfiles: readonly string[];
}

export interface StarterModel {
  readonly config: ModelConfig;
  /** Path of its config.pbtxt, relative to the scenario. */
  readonly configPath: string;
  /** What the simulation leaves out of it. */
  readonly remark?: string;
}

/** Text of a scenario to edit: one server with every model, one tenant each, with comments. */
export function starterScenario(options: StarterOptions): string {
  return [
    ...header(options),
    'perseus: 1',
    `name: ${scalar(options.name)}`,
    'seed: 1',
    'durationS: 120',
    'warmUpS: 10        # requests planned before this are not counted',
    `profiles: [${scalar(options.profiles)}]`,
    '',
    'servers:',
    '  - name: server',
    '    # machine: {price: [{sku: g4dn.xlarge}]}   # a row of the price book; left out: no costs',
    '    # cpuCores: 8                              # left out: the host never limits',
    ...deviceLines(options),
    '    models:',
    ...options.models.flatMap(modelLines),
    '',
    '# One tenant for each model. Rates and SLOs are placeholders: write your own.',
    'tenants:',
    ...options.models.flatMap(({ config }) => tenantLines(config.name)),
    '',
  ].join('\n');
}

/** To people whose models have no profiles yet. */
export const HOW_TO_GET_PROFILES =
  'make them with perseus calibrate or profile import, or name others: their folder under profiles, and profile: NAME at the model';

function header({ leftOut, missingProfiles }: StarterOptions): string[] {
  return [
    '# A first scenario. It asks: what would these models do together on one server?',
    '# Check it and run it with: perseus simulate THIS_FILE',
    ...(missingProfiles.length === 0 ? [] : ['#', '# It needs these profiles, which do not exist yet:']),
    ...missingProfiles.map((file) => comment(`  ${file}`)),
    ...(missingProfiles.length === 0 ? [] : [comment(HOW_TO_GET_PROFILES)]),
    ...(leftOut.length === 0 ? [] : ['#', '# Left out:']),
    ...leftOut.map(({ model, reason }) => comment(`  ${model}: ${reason}`)),
  ];
}

function deviceLines({ gpu, isGuess, models }: StarterOptions): string[] {
  if (!models.some(({ config }) => usesGpu(config)))
    return ['    # no devices: every model runs on the host'];
  const memoryMb = knownMemoryMb(gpu);
  const memory = memoryMb === undefined ? ', memoryMb: 16384' : '';
  const remark = memoryMb === undefined ? '   # correct memoryMb: nvidia-smi shows it' : '';
  const devices = Array.from(
    { length: devicesNeeded(models) },
    (_, i) => `      - {name: gpu${i}, kind: ${scalar(gpu)}${memory}, sharing: streams}${remark}`,
  );
  const guess = `    devices:   ${comment(`${gpu} is a guess: write the kind of your GPU, as its profiles name it`)}`;
  return [isGuess ? guess : '    devices:', ...devices];
}

/** Whether any of its instances runs on a GPU, where there is one. */
export function usesGpu({ instanceGroups }: ModelConfig): boolean {
  return instanceGroups.some(({ kind, passive }) => !passive && kind !== 'KIND_CPU');
}

/** GPUs that the configurations name, and at least one. */
export function devicesNeeded(models: readonly { readonly config: ModelConfig }[]): number {
  const gpus = models.flatMap(({ config }) => config.instanceGroups.flatMap((group) => group.gpus));
  return gpus.reduce((most, gpu) => Math.max(most, gpu + 1), 1);
}

function modelLines({ config, configPath, remark }: StarterModel): string[] {
  return [
    ...(remark === undefined ? [] : [`      ${comment(remark)}`]),
    `      - name: ${scalar(config.name)}`,
    `        config: ${scalar(configPath)}`,
  ];
}

function tenantLines(model: string): string[] {
  return [
    `  - name: ${scalar(`${model}-users`)}`,
    `    model: ${scalar(model)}`,
    '    load: {process: {kind: poisson, ratePerS: 10}}',
    '    slo: {percentile: 99, limitMs: 100}',
  ];
}

/** A text as YAML writes it within brackets, quoted where it must be. */
function scalar(text: string): string {
  const plain = /^[A-Za-z_./][\w./ -]*$/.test(text) && yamlText(text).trim() === text;
  return plain ? text : quotedYaml(text);
}

function comment(text: string): string {
  return `# ${printable(text)}`;
}
