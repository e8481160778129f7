import type { ComponentResult } from '../component-result.js';
import type { ComponentSetup } from '../component-run.js';
import { buildDevices } from '../resources/devices.js';
import { ChainRequests } from './chain-requests.js';
import { type Chain, groupsInOrder } from './chains.js';
import { arrivalsOf, runGroup } from './fast-paths.js';
import { StageSink } from './stage-sink.js';

/**
 * Simulates a component of chains group by group: the requests of each model are known once the models before it have run.
 * The same rules and random numbers as in the event loop.
 * @returns undefined where no order of the groups is right, or two calls come at one instant: then only the event loop knows which is first
 */
export function runChains(setup: ComponentSetup, chains: readonly Chain[]): ComponentResult | undefined {
  const devices = buildDevices(setup);
  const groups = groupsInOrder(setup, devices, chains);
  if (groups === undefined) return undefined;
  const { arrivals: ofClients, coreNs } = arrivalsOf(setup);
  const hostCoreNs = new Map(coreNs);
  const requests = new ChainRequests(setup, chains, ofClients);
  const arrivals = [...ofClients];
  for (const group of groups) {
    const models = group.models.filter((model) => setup.served[model]!.ensemble === undefined);
    if (models.length === 0) continue;
    for (const model of models) {
      const own = requests.arrivalsAt(model);
      if (own === undefined) return undefined;
      arrivals[model] = own;
    }
    requests.beginStage();
    const sinkFor = (model: number) => new StageSink(setup, requests, model);
    runGroup(setup, { sinkFor }, { arrivals, devices, group: { ...group, models }, hostCoreNs });
  }
  requests.numberExecutions();
  return setup.result(hostCoreNs);
}
