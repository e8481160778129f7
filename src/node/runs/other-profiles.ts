import type { Warning } from '../../base/warning.js';
import type { Scenario } from '../../scenario/scenario.js';

interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
}

/** Models that run by profiles of other software in `b` than in `a`: what differs then is not their placement alone. */
export function otherProfiles(a: NamedScenario, b: NamedScenario): Warning[] {
  const namesOfB = profilesByModel(b.scenario);
  return [...profilesByModel(a.scenario)].flatMap(([model, ofA]) => {
    const ofB = namesOfB.get(model) ?? ofA;
    if (ofA === ofB) return [];
    const message = `It runs by the profile ${ofA} in ${a.name} and by ${ofB} in ${b.name}: the difference is also that of what was measured.`;
    return [{ code: 'doubtful-profile', subject: model, message }];
  });
}

/** By model, the names of the profiles of its instances. */
function profilesByModel({ servers }: Scenario): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { config, instances } of servers.flatMap(({ models }) => models)) {
    const names = found.get(config.name) ?? new Set();
    for (const { profile } of instances) names.add(profile.model);
    found.set(config.name, names);
  }
  return new Map([...found].map(([model, names]) => [model, [...names].sort().join(', ')]));
}
