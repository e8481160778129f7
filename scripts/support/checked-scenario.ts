import type { ModelProfile } from '../../src/profile/profile.js';
import { checkScenario } from '../../src/scenario/check.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';

/**
 * What a scenario file with these fields says, under these profiles in the place of those of a folder.
 * @param configs texts of the `config.pbtxt` files that it names
 */
export function checkedScenario(
  fields: object,
  profiles: readonly ModelProfile[],
  configs: Readonly<Record<string, string>> = {},
): Scenario {
  const files = profiles.map((profile) => ({ file: `${profile.model}.profile.json`, profile }));
  const document = parseScenarioSpec(JSON.stringify({ perseus: 1, ...fields, profiles: ['.'] }));
  const { scenario } = checkScenario(document, {
    profiles: new Map([['.', { value: files }]]),
    configs: new Map(Object.entries(configs).map(([file, text]) => [file, { value: { file, text } }])),
    traces: new Map(),
    mayBeIdle: true,
  });
  return scenario;
}
