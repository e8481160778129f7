import type { Path } from '../../base/path.js';
import type { ModelProfile } from '../../profile/profile.js';
import { factsOf, underServer } from '../../profile/server-facts.js';
import { type Change, Roster, youngest } from '../changes.js';
import { MOST_INSTANCES_IN_ALL } from '../limits.js';
import type { ModelInstance, ServedModel, Server } from '../scenario.js';
import type { ChangeSpec } from '../spec/change-spec.js';
import type { ServerSpec } from '../spec/server-spec.js';
import { type Findings, suggest } from './findings.js';
import { checkMemoryOf } from './memory.js';
import type { ProfileRegistry } from './profile-registry.js';
import type { ResolvedServers } from './servers.js';

/** What changes are resolved with. */
export interface ChangeSurroundings {
  readonly specs: readonly ServerSpec[];
  readonly servers: ResolvedServers;
  readonly registry: ProfileRegistry;
  readonly durationUs: number;
  readonly findings: Findings;
}

/**
 * Resolves the changes of a scenario, in order of time, and checks that each is possible when it comes: what is added is
 * not there yet, what is removed is.
 */
export function resolveChanges(specs: readonly ChangeSpec[], surroundings: ChangeSurroundings): Change[] {
  const { servers, findings } = surroundings;
  const located = specs
    .flatMap((spec, i) => {
      const path: Path = ['changes', i];
      checkTime(spec, path, surroundings);
      const change = findings.gaps.at(path) ? undefined : resolveChange(spec, path, surroundings);
      return change === undefined ? [] : [{ change, path }];
    })
    .sort((a, b) => a.change.atUs - b.change.atUs);
  const changes = located.map(({ change }) => change);
  // What one of them does depends on those before it.
  if (located.length < specs.length) return changes;
  const roster = new Roster({ servers: servers.servers, changes });
  for (const { change, path } of located) {
    checkPossible(change, path, roster, surroundings);
    roster.apply(change);
    checkRoom(change, path, roster, surroundings);
  }
  return changes;
}

function checkTime({ atS }: ChangeSpec, path: Path, { durationUs, findings }: ChangeSurroundings): void {
  if (atS * 1e6 < durationUs) return;
  const what = `the run ends at ${durationUs / 1e6} s, before it`;
  findings.problem([...path, 'atS'], what, 'write an earlier time, or a longer durationS');
}

function resolveChange(spec: ChangeSpec, path: Path, around: ChangeSurroundings): Change | undefined {
  const atUs = Math.round(spec.atS * 1e6);
  const server = indexOf(spec.server, [...path, 'server'], 'server', around.servers.servers, around.findings);
  if (server === undefined) return undefined;
  const of = around.servers.servers[server]!;
  const deviceOf = (name: string | undefined) =>
    name === undefined
      ? undefined
      : indexOf(name, [...path, 'device'], `device of "${of.name}"`, of.devices, around.findings);
  switch (spec.do) {
    case 'addServer':
      return { atUs, do: spec.do, server };
    case 'removeServer':
      return { atUs, do: spec.do, server, refusesOnTheWay: spec.requestsOnTheWay === 'refuse' };
    case 'addDevice':
    case 'removeDevice': {
      const device = deviceOf(spec.device);
      for (const model of of.models) refuseLasting(model, path, around.findings);
      return device === undefined ? undefined : { atUs, do: spec.do, server, device };
    }
    case 'addInstances':
    case 'removeInstances': {
      const models = of.models.map(({ config }) => config);
      const what = `model on "${of.name}"`;
      const model = indexOf(spec.model, [...path, 'model'], what, models, around.findings);
      const device = deviceOf(spec.device);
      if (model !== undefined) refuseLasting(of.models[model]!, path, around.findings);
      if (model === undefined || (spec.device !== undefined && device === undefined)) return undefined;
      if (spec.do === 'removeInstances')
        return {
          atUs,
          do: spec.do,
          server,
          model,
          count: spec.count,
          ...(device !== undefined && { device }),
        };
      const instance = instanceOn(of.models[model]!, server, device, path, around);
      if (instance === undefined) return undefined;
      return { atUs, do: spec.do, server, model, instances: Array(spec.count).fill(instance) };
    }
  }
}

/** What becomes of sequences, and of answers of an engine, whose instance goes is not simulated. */
function refuseLasting({ config, engine }: ServedModel, path: Path, findings: Findings): void {
  if (config.sequences === undefined && engine === undefined) return;
  const what = `"${config.name}" has ${engine === undefined ? 'sequence batching' : 'an engine'}: its instances cannot come and go`;
  findings.problem([...path, 'do'], what, 'add or remove its server');
}

function indexOf(
  wanted: string,
  path: Path,
  what: string,
  known: readonly { readonly name: string }[],
  findings: Findings,
): number | undefined {
  const names = known.map(({ name }) => name);
  const index = names.indexOf(wanted);
  if (index >= 0) return index;
  findings.problem(path, `there is no ${what} called "${wanted}"`, suggest(wanted, names));
  return undefined;
}

/** One more instance of a model: as its first, or on that device. */
function instanceOn(
  model: ServedModel,
  server: number,
  device: number | undefined,
  path: Path,
  { specs, servers, registry, findings }: ChangeSurroundings,
): ModelInstance | undefined {
  const { devices } = servers.servers[server]!;
  const first = model.instances[0];
  if (device === undefined || first === undefined) return first;
  const { name, kind, sharing } = devices[device]!;
  if (sharing.mode === 'mps' && !sharing.shares.has(model.config.name)) {
    findings.problem(
      [...path, 'device'],
      `"${model.config.name}" has no share of "${name}"`,
      'write one under its shares',
    );
    return undefined;
  }
  const alike = model.instances.find((instance) => devices[instance.device]?.kind === kind);
  if (alike !== undefined) return { ...alike, device };
  const spec = specs[servers.specIndex[server]!]!.models.find((each) => each.name === model.config.name);
  const profile: ModelProfile | undefined = registry.find(spec?.profile ?? model.config.name, kind, path);
  if (profile === undefined) return undefined;
  const { serving } = first.profile;
  return { device, profile: serving === undefined ? profile : underServer(profile, factsOf(serving)) };
}

function checkPossible(change: Change, path: Path, roster: Roster, around: ChangeSurroundings): void {
  const { server } = change;
  const { name, devices } = around.servers.servers[server]!;
  const when = `at ${change.atUs / 1e6} s`;
  const problem = (field: string, what: string, remedy: string) =>
    around.findings.problem([...path, field], what, remedy);
  const isThere = roster.hasServer(server);
  if (change.do === 'addServer') {
    if (isThere) problem('server', `"${name}" is there already ${when}`, 'remove it before');
    return;
  }
  if (!isThere) return problem('server', `"${name}" is not there ${when}`, 'add it before');
  if (change.do === 'addDevice' || change.do === 'removeDevice') {
    const isAdded = change.do === 'addDevice';
    if (roster.hasDevice(server, change.device) !== isAdded) return;
    const device = devices[change.device]!.name;
    if (isAdded) problem('device', `"${device}" is there already ${when}`, 'remove it before');
    else problem('device', `"${device}" is not there ${when}`, 'add it before');
  } else if (change.do === 'addInstances') {
    const { device } = change.instances[0]!;
    if (!roster.hasDevice(server, device))
      problem('device', `"${devices[device]!.name}" is not there ${when}`, 'name another, or add it before');
  } else if (change.do === 'removeInstances') {
    const there = youngest(roster.instances(change), Number.POSITIVE_INFINITY, change.device).length;
    if (change.count > there)
      problem('count', `there are ${there} of them ${when}`, `write ${there} at most`);
  }
}

/** What is there after a change must fit into the devices' memory, and into that of the one who simulates it. */
function checkRoom(change: Change, path: Path, roster: Roster, around: ChangeSurroundings): void {
  const { findings } = around;
  const server = around.servers.servers[change.server]!;
  const models = withInstances(server, change.server, roster);
  if (change.do === 'addInstances')
    checkMemoryOf(
      server.devices.map((device) => ({ device, path: [...path, 'count'] })),
      models,
      findings,
    );
  const count = models.reduce((sum, { instances }) => sum + instances.length, 0);
  if (count > MOST_INSTANCES_IN_ALL)
    findings.problem(
      [...path, 'count'],
      `more than ${MOST_INSTANCES_IN_ALL} instances in all`,
      'write fewer',
    );
}

function withInstances({ models }: Server, server: number, roster: Roster): ServedModel[] {
  return models.map((model, m) => ({ ...model, instances: roster.instances({ server, model: m }) }));
}
