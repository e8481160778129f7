import { InputError } from '../../base/problem.js';
import type { ServedModelSpec, ServerSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import {
  countOn,
  type Group,
  groupsOf,
  type Place,
  slotsOf,
  withFewer,
  withGroups,
  withMore,
} from './placement.js';
import { settled } from './placement-settle.js';
import type { Shipped } from './placement-shipped.js';

export interface Chip extends Place {
  readonly model: string;
}

/**
 * Moves the instances of a model to another place. A model that its server serves no
 * more is no longer there; its tenants send to where it went.
 * @throws InputError where there are none to move
 */
export function moveInstances(spec: ScenarioSpec, chip: Chip, to: Place, shipped: Shipped): ScenarioSpec {
  const { model: name, server, device } = chip;
  const count = instancesOf(spec, chip);
  if (count < 1) throw InputError.of(`no ${name} is there to be moved`);
  if (server === to.server && device === to.device) return spec;
  const model = modelOn(spec.servers[server]!, name)!;
  const groups = ownGroups(spec, chip);
  const isNew = !(instancesOf(spec, { ...to, model: name }) > 0);
  if (server === to.server) {
    const moved = isNew
      ? groups.map((group) =>
          group.passive ? group : { ...group, at: replaced(group.at, device, to.device) },
        )
      : withMore(withFewer(groups, device, count), to.device, count);
    return settled(withModel(spec, server, name, withGroups(model, moved)), shipped);
  }
  const left = withModel(spec, server, name, withGroups(model, withFewer(groups, device, count)));
  const arriving: readonly Group[] = groups
    .filter(({ at, passive }) => !passive && at.includes(device))
    .map((one) => ({ ...one, at: [to.device] }));
  const there = modelOn(left.servers[to.server]!, name);
  const added = there
    ? withModel(
        left,
        to.server,
        name,
        withGroups(there, withMore(ownGroups(left, { ...to, model: name }), to.device, count)),
      )
    : withNewModel(left, to.server, withGroups(model, arriving)!);
  return settled(withTenantsFollowing(added, name, server, to.server), shipped);
}

export function instancesOf(spec: ScenarioSpec, chip: Chip): number {
  return countOn(ownGroups(spec, chip), chip.device);
}

/** One more instance in a place where the model is. */
export function addInstance(spec: ScenarioSpec, chip: Chip, shipped: Shipped): ScenarioSpec {
  const model = modelOn(spec.servers[chip.server]!, chip.model)!;
  const groups = withMore(ownGroups(spec, chip), chip.device, 1);
  return settled(withModel(spec, chip.server, chip.model, withGroups(model, groups)), shipped);
}

/**
 * One instance less.
 * @throws InputError where it is the last one of the model
 */
export function removeInstance(spec: ScenarioSpec, chip: Chip, shipped: Shipped): ScenarioSpec {
  const { server, device, model: name } = chip;
  if (instancesOf(spec, chip) < 1) throw InputError.of(`no ${name} is there to be removed`);
  const model = modelOn(spec.servers[server]!, name)!;
  const rest = withGroups(model, withFewer(ownGroups(spec, chip), device, 1));
  if (rest === undefined && !isServedElsewhere(spec, name, server))
    throw InputError.of(`this is the last instance of ${name}`, 'move it instead');
  return settled(withTenantsFollowing(withModel(spec, server, name, rest), name, server), shipped);
}

/** Whether another server has instances of a model. */
export function isServedElsewhere({ servers }: ScenarioSpec, name: string, server: number): boolean {
  return servers.some((each, s) => s !== server && modelOn(each, name) !== undefined);
}

export function modelOn({ models }: ServerSpec, name: string): ServedModelSpec | undefined {
  return models.find((model) => model.name === name);
}

function ownGroups({ servers }: ScenarioSpec, { server, model: name }: Chip): readonly Group[] {
  const own = servers[server];
  const model = own && modelOn(own, name);
  return own === undefined || model === undefined ? [] : groupsOf(model, slotsOf(own).length);
}

function replaced(at: readonly number[], from: number, to: number): readonly number[] {
  return at.map((device) => (device === from ? to : device));
}

/** The scenario with another form of a model on a server, or without it there. */
export function withModel(
  spec: ScenarioSpec,
  server: number,
  name: string,
  model: ServedModelSpec | undefined,
): ScenarioSpec {
  return withServer(spec, server, (own) => ({
    ...own,
    models: own.models.flatMap((each) => (each.name === name ? (model ?? []) : each)),
  }));
}

export function withServer(
  spec: ScenarioSpec,
  server: number,
  change: (own: ServerSpec) => ServerSpec,
): ScenarioSpec {
  return { ...spec, servers: spec.servers.map((own, s) => (s === server ? change(own) : own)) };
}

/** Models stand in the order of their tenants, so that one that comes back stands where it was. */
function withNewModel(spec: ScenarioSpec, server: number, model: ServedModelSpec): ScenarioSpec {
  const asked = spec.tenants.map((tenant) => tenant.model);
  const rank = (name: string) => (asked.includes(name) ? asked.indexOf(name) : asked.length);
  const { models } = spec.servers[server]!;
  const before = models.findIndex(({ name }) => rank(name) > rank(model.name));
  const at = before < 0 ? models.length : before;
  return withServer(spec, server, (own) => ({ ...own, models: models.toSpliced(at, 0, model) }));
}

/** Tenants that name their servers send to where a model went, and no longer to where it is not. */
export function withTenantsFollowing(
  spec: ScenarioSpec,
  name: string,
  from: number,
  to?: number,
): ScenarioSpec {
  const target = to === undefined ? undefined : spec.servers[to]!.name;
  const source = spec.servers[from]!;
  const stays = modelOn(source, name) !== undefined;
  const tenants = spec.tenants.map((tenant) => {
    if (tenant.model !== name || tenant.servers?.includes(source.name) !== true) return tenant;
    const kept = tenant.servers.flatMap((each) => {
      if (each !== source.name) return each === target ? [] : [each];
      return [...(stays ? [each] : []), ...(target === undefined ? [] : [target])];
    });
    const { servers: _, ...everywhere } = tenant;
    return kept.length === 0 ? everywhere : { ...tenant, servers: kept };
  });
  return { ...spec, tenants };
}
