import type { Path } from '../../../base/path.js';
import type { ModelProfile } from '../../../profile/profile.js';
import { factsOf, underServer } from '../../../profile/server-facts.js';
import { type Change, Roster } from '../../changes.js';
import { calledModels, isComposed } from '../../composition.js';
import { loadMsOf } from '../../loading.js';
import type { ModelInstance, ServedModel, Server } from '../../scenario.js';
import type { ChangeSpec } from '../../spec/change-spec.js';
import { type Findings, suggest } from '../findings.js';
import { warnOfUnknownLoad } from '../model-cache.js';
import {
  type ChangeSurroundings,
  checkPossible,
  checkRoom,
  checkRoomAtStart,
  withRoster,
} from './possible-changes.js';

/** A change as it is written. It begins then; a model that is loaded is ready only when the change is there. */
interface Located {
  readonly change: Change;
  readonly path: Path;
  readonly beginsUs: number;
}

/**
 * Resolves the changes of a scenario, in order of time, and checks that each is possible when it comes: what is added is
 * not there yet, what is removed is.
 */
export function resolveChanges(specs: readonly ChangeSpec[], surroundings: ChangeSurroundings): Change[] {
  const { findings } = surroundings;
  const located = specs
    .flatMap((spec, i) => {
      const path: Path = ['changes', i];
      checkTime(spec, path, surroundings);
      const change = findings.gaps.at(path) ? undefined : resolveChange(spec, path, surroundings);
      return change === undefined ? [] : [{ change, path, beginsUs: Math.round(spec.atS * 1e6) }];
    })
    .sort((a, b) => a.beginsUs - b.beginsUs);
  const changes = located.map(({ change }) => change).sort((a, b) => a.atUs - b.atUs);
  // What one of them does depends on those before it.
  if (located.length === specs.length) checkInOrder(located, surroundings);
  return changes;
}

/** A model that is loaded needs its memory from the beginning on, and nothing else happens to it until it is ready. */
function checkInOrder(located: readonly Located[], surroundings: ChangeSurroundings): void {
  const { servers, findings } = surroundings;
  const roster = new Roster({ servers: servers.servers, changes: located.map(({ change }) => change) });
  checkRoomAtStart(roster, surroundings);
  const readyUs = new Map<string, number>();
  const dead = new Set<string>();
  for (const { change, path, beginsUs } of located) {
    const model = 'model' in change ? `${change.server} ${change.model}` : undefined;
    const until = (model === undefined ? undefined : readyUs.get(model)) ?? 0;
    if (beginsUs < until)
      findings.problem(
        [...path, 'atS'],
        `the model is being loaded until ${until / 1e6} s`,
        'write a later time',
      );
    if (model !== undefined) readyUs.set(model, change.atUs);
    // What starts anew has processes that live.
    if (change.do === 'addServer')
      for (const each of dead) if (each.startsWith(`${change.server} `)) dead.delete(each);
    if (model !== undefined && change.do === 'reloadModel') dead.delete(model);
    if (model !== undefined && change.do === 'killInstances') dead.add(model);
    if (model !== undefined && change.do === 'unloadModel' && dead.has(model))
      findings.problem(
        [...path, 'model'],
        'a process of it is dead: Triton does not unload it',
        'leave it out',
      );
    checkPossible({ ...change, atUs: beginsUs }, path, roster, surroundings);
    const isReload = change.do === 'reloadModel';
    const before = isReload ? [withRoster(surroundings, roster, change.server)[change.model]!] : [];
    roster.apply(change);
    checkRoom(change, path, roster, surroundings, before);
  }
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
  if (of.modelCache !== undefined) {
    const what = `"${of.name}" loads and unloads its models by itself: changes of it are not simulated`;
    around.findings.problem([...path, 'server'], what, 'leave its modelCache out');
  }
  const configs = of.models.map(({ config }) => config);
  const model =
    'model' in spec
      ? indexOf(spec.model, [...path, 'model'], `model on "${of.name}"`, configs, around.findings)
      : undefined;
  const deviceOf = (name: string | undefined) =>
    name === undefined
      ? undefined
      : indexOf(name, [...path, 'device'], `device of "${of.name}"`, of.devices, around.findings);
  switch (spec.do) {
    case 'addServer':
      warnOfLoading(of, around.findings);
      return { atUs, do: spec.do, server };
    case 'removeServer':
      return { atUs, do: spec.do, server, refusesOnTheWay: spec.requestsOnTheWay === 'refuse' };
    case 'addDevice':
    case 'removeDevice': {
      const device = deviceOf(spec.device);
      refuseLimited(of, path, around.findings);
      for (const model of of.models) refuseLasting(model, path, around.findings);
      return device === undefined ? undefined : { atUs, do: spec.do, server, device };
    }
    case 'loadModel':
    case 'unloadModel':
    case 'reloadModel':
      return resolveLoading(spec, path, { server, model }, around);
    case 'killInstances':
      return resolveKilling(spec, path, { server, model }, around);
    case 'addInstances':
    case 'removeInstances': {
      const device = deviceOf(spec.device);
      refuseLimited(of, path, around.findings);
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

/** A server that comes is ready at once. */
function warnOfLoading({ name, models }: Server, findings: Findings): void {
  const loadMs = Math.max(0, ...models.map(loadMsOf));
  if (loadMs === 0) return;
  const what = `it serves from atS on: the ${loadMs / 1000} s that its models take to load are not counted; write an atS later by so much`;
  findings.warn('assumed-parameter', name, what);
}

/** Which model is changed, where there is one of the name. */
interface ChangedModel {
  readonly server: number;
  readonly model: number | undefined;
}

/** Processes of other backends are the server's own: it dies with them. */
function resolveKilling(
  { atS, count, model: name }: Extract<ChangeSpec, { readonly do: 'killInstances' }>,
  path: Path,
  { server, model }: ChangedModel,
  { servers, findings }: ChangeSurroundings,
): Change | undefined {
  if (model === undefined) return undefined;
  const { config, calls, engine, pipelined, overlapping } = servers.servers[server]!.models[model]!;
  const at = [...path, 'model'];
  if (config.backend !== 'python' || pipelined === true)
    findings.problem(
      at,
      `"${name}" has no process of its own: its backend is not python`,
      'remove its server',
    );
  else if (overlapping === true || calls?.some((step) => 'calls' in step))
    findings.problem(at, `what becomes of the calls that "${name}" makes is not simulated`, 'name another');
  else if (engine !== undefined)
    findings.problem(
      at,
      `what becomes of the answers of the engine in "${name}" is not simulated`,
      'name another',
    );
  return { atUs: Math.round(atS * 1e6), do: 'killInstances', server, model, count };
}

type LoadingSpec = Extract<ChangeSpec, { readonly do: `${string}Model` }>;

function resolveLoading(
  spec: LoadingSpec,
  path: Path,
  { server, model }: ChangedModel,
  { servers, findings }: ChangeSurroundings,
): Change | undefined {
  const of = servers.servers[server]!;
  refuseLimited(of, path, findings);
  if (model === undefined) return undefined;
  const served = of.models[model]!;
  if (isComposed(served) || of.models.some((other) => calledModels(other).includes(model))) {
    const what = `"${spec.model}" is an ensemble, or calls other models or is called by them: how they are loaded is not simulated`;
    findings.problem(
      [...path, 'model'],
      what,
      'name a model of which that is not so, or add and remove the server',
    );
  }
  const loadMs = spec.do === 'unloadModel' ? 0 : (spec.loadMs ?? loadMsOf(served));
  if (spec.do !== 'unloadModel' && spec.loadMs === undefined && loadMs === 0)
    warnOfUnknownLoad(`${of.name}/${spec.model}`, findings);
  return { atUs: Math.round(spec.atS * 1e6 + loadMs * 1000), do: spec.do, server, model };
}

/** What becomes of sequences, and of answers of an engine, whose instance goes is not simulated. */
function refuseLasting({ config, engine }: ServedModel, path: Path, findings: Findings): void {
  if (config.sequences === undefined && engine === undefined) return;
  const what = `"${config.name}" has ${engine === undefined ? 'sequence batching' : 'an engine'}: its instances cannot come and go`;
  findings.problem([...path, 'do'], what, 'add or remove its server');
}

function refuseLimited({ name, options }: Server, path: Path, findings: Findings): void {
  if (options.rateLimit === undefined) return;
  const what = `the rate limiter of "${name}" knows its instances from the start: they cannot come and go`;
  findings.problem([...path, 'do'], what, 'add or remove the server');
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
