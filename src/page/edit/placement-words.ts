import { formatUsd } from '../../report/format.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { modelOn } from './placement-moves.js';
import { PRICE_UNKNOWN } from './placement-shipped.js';

/** What an edit changed besides what was asked for: profiles that stand in, and prices. */
export function consequences(before: ScenarioSpec, after: ScenarioSpec): readonly string[] {
  const profilesOf = (spec: ScenarioSpec, name: string) =>
    spec.servers.flatMap((server) => {
      const model = modelOn(server, name);
      return model === undefined ? [] : [model.profile ?? name];
    });
  const said = after.servers.flatMap((server) =>
    server.models
      .filter(({ name, profile }) => profile !== undefined && !profilesOf(before, name).includes(profile))
      .map(
        ({ name, profile }) =>
          `${name} on ${server.name} now runs as the shipped ${profile}; yours may differ by several times.`,
      ),
  );
  const prices = after.servers.flatMap(({ name, machine }) => {
    const old = before.servers.find((server) => server.name === name)?.machine;
    if (machine === undefined || old === undefined || machine === old) return [];
    if (machine.priceSource === PRICE_UNKNOWN)
      return [
        `The price book has no such machine: ${name} keeps its $${formatUsd(machine.usdPerHour ?? 0)} per hour.`,
      ];
    if (machine.usdPerHour === old.usdPerHour) return [];
    return [`${name} costs $${formatUsd(machine.usdPerHour ?? 0)} per hour (${machine.kind}).`];
  });
  return [...said, ...prices];
}
