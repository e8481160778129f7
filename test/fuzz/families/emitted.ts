import { isDeepStrictEqual } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { InputError } from '../../../src/base/problem.js';
import { emitPlacement } from '../../../src/emit/emit.js';
import { checkScenario } from '../../../src/scenario/check.js';
import type { ScenarioResources } from '../../../src/scenario/resources.js';
import { parseScenarioSpec } from '../../../src/scenario/spec.js';
import { chance, pick, type Random } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mutateValue, toJson, toYaml } from '../mutate-value.js';
import type { ShippedScenarios } from '../shipped-scenarios.js';
import { isCheap } from '../shorten.js';
import { SMALL_SCENARIOS } from '../small-scenarios.js';

/** Scenarios, odd names and all, that are emitted: what is written must be read again as the same scenario. */
export function emittedFamilies({ texts, resources }: ShippedScenarios): readonly Family[] {
  const values = [...texts, ...SMALL_SCENARIOS].map((text) => parse(text) as unknown);
  const generate = (random: Random) => {
    const sound = pick(random, values);
    const value = chance(random, 0.7) ? mutateValue(random, sound) : sound;
    return chance(random, 0.5) ? toYaml(value) : toJson(value, 2);
  };
  return [textFamily({ name: 'emitted', generate, read: (text) => emitAndReadBack(text, resources) })];
}

function emitAndReadBack(text: string, resources: ScenarioResources): void {
  const document = parseScenarioSpec(text, { file: INPUT_FILE });
  if (document.spec !== undefined && !isCheap(document.spec, resources)) return;
  const { scenario } = checkScenario(document, resources);
  const { files } = emitted(() => emitPlacement({ spec: document.spec!, scenario, resources }));
  const paths = files.map(({ path }) => path);
  demand(new Set(paths.map((path) => path.toLowerCase())).size === paths.length, 'two files have one path');
  demand(
    paths.every((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')),
    'a path leads elsewhere',
  );
  for (const file of files) {
    const isYaml = file.path.endsWith('.yaml');
    const errors = isYaml ? parseAllDocuments(file.text).flatMap((one) => one.errors) : [];
    demand(errors.length === 0, `${file.path} is no YAML: ${errors[0]?.message}`);
  }
  const configs: ScenarioResources['configs'] = new Map(
    files
      .filter(({ path }) => path.endsWith('config.pbtxt'))
      .map((file) => [file.path, { value: { file: file.path, text: file.text } }]),
  );
  const again = sound(() =>
    checkScenario(parseScenarioSpec(files.find(({ path }) => path === 'scenario.yaml')!.text), {
      ...resources,
      configs,
    }),
  );
  demand(isDeepStrictEqual(again.scenario, scenario), 'read again it is another scenario');
}

/** What cannot be emitted is refused, by the scenario's fields rather than by lines. */
function emitted<T>(emit: () => T): T {
  try {
    return emit();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problems.map((problem) => ({ file: INPUT_FILE, ...problem })));
  }
}

function sound<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return demand(false, `what was written is refused: ${error.message.slice(0, 300)}`) as never;
  }
}
