import type { Path } from '../../../base/path.js';
import { type Change, type Roster, youngest } from '../../changes.js';
import { MOST_INSTANCES_IN_ALL } from '../../limits.js';
import type { ServedModel } from '../../scenario.js';
import type { ServerSpec } from '../../spec/server-spec.js';
import type { Findings } from '../findings.js';
import { checkMemoryOf } from '../memory.js';
import type { ProfileRegistry } from '../profile-registry.js';
import type { ResolvedServers } from '../servers.js';

/** What changes are resolved with. */
export interface ChangeSurroundings {
  readonly specs: readonly ServerSpec[];
  readonly servers: ResolvedServers;
  readonly registry: ProfileRegistry;
  readonly durationUs: number;
  readonly findings: Findings;
}

/** What is added is not there yet, what is removed is. */
export function checkPossible(change: Change, path: Path, roster: Roster, around: ChangeSurroundings): void {
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
  if ('model' in change && roster.hasModel(change) === (change.do === 'loadModel')) {
    const model = around.servers.servers[server]!.models[change.model]!.config.name;
    if (change.do === 'loadModel')
      problem('model', `"${model}" is loaded already ${when}`, 'write reloadModel');
    else problem('model', `"${model}" is not loaded ${when}`, 'load it before');
  } else if (change.do === 'addDevice' || change.do === 'removeDevice') {
    const isAdded = change.do === 'addDevice';
    if (roster.hasDevice(server, change.device) !== isAdded) return;
    const device = devices[change.device]!.name;
    if (isAdded) problem('device', `"${device}" is there already ${when}`, 'remove it before');
    else problem('device', `"${device}" is not there ${when}`, 'add it before');
  } else if (change.do === 'addInstances') {
    const { device } = change.instances[0]!;
    if (!roster.hasDevice(server, device))
      problem('device', `"${devices[device]!.name}" is not there ${when}`, 'name another, or add it before');
  } else if (change.do === 'removeInstances' || change.do === 'killInstances') {
    const device = change.do === 'removeInstances' ? change.device : undefined;
    const there = youngest(roster.instances(change), Number.POSITIVE_INFINITY, device).length;
    if (change.count > there)
      problem('count', `there are ${there} of them ${when}`, `write ${there} at most`);
  }
}

/** Where models are loaded later, those that are there first must fit into the devices' memory. */
export function checkRoomAtStart(roster: Roster, around: ChangeSurroundings): void {
  const { servers, specIndex, loadingLater } = around.servers;
  for (const [server, { name, devices }] of servers.entries()) {
    if (!loadingLater.has(name)) continue;
    const path = ['servers', specIndex[server]!, 'devices'];
    const located = devices.map((device) => ({ device, path }));
    checkMemoryOf(located, withRoster(around, roster, server), around.findings);
  }
}

/**
 * What is there after a change must fit into the devices' memory, and into that of the one who simulates it.
 * @param before what is there besides until the change is over
 */
export function checkRoom(
  change: Change,
  path: Path,
  roster: Roster,
  around: ChangeSurroundings,
  before: readonly ServedModel[],
): void {
  const { findings } = around;
  const { devices } = around.servers.servers[change.server]!;
  const models = [...withRoster(around, roster, change.server), ...before];
  const field = change.do === 'addInstances' ? 'count' : 'model';
  if (change.do === 'addInstances' || change.do === 'loadModel' || change.do === 'reloadModel')
    checkMemoryOf(
      devices.map((device) => ({ device, path: [...path, field] })),
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

/** The models of a server with the instances that are there. */
export function withRoster({ servers }: ChangeSurroundings, roster: Roster, server: number): ServedModel[] {
  const { models } = servers.servers[server]!;
  return models.map((model, m) => ({ ...model, instances: roster.instances({ server, model: m }).slice() }));
}
