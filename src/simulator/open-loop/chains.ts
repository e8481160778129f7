import { type Ensemble, stepsInOrder } from '../../scenario/composition.js';
import { sendsAsPlanned, shareStreams } from '../component-load.js';
import type { ComponentSetup } from '../component-run.js';
import type { SharedDevices } from '../resources/devices.js';
import { handOverNs, hasCallbackPool, isBatched } from '../service/hand-over.js';
import { apartGroups, type DeviceGroup } from './device-groups.js';
import { isOnlyOnItsDevice } from './fast-paths.js';

/** An ensemble whose steps follow one another, by the component's served models. */
export interface Chain {
  readonly model: number;
  readonly steps: readonly ChainStep[];
}

export interface ChainStep {
  readonly model: number;
  /** Whether its model has a batch dimension: else it takes the tensors of all inferences as one. */
  readonly isBatched: boolean;
}

/**
 * The ensembles of a component, where each step begins with the end of the one before it, hand-overs keep no thread busy, and no
 * request is lost on the way. Then a model's requests are known once the models before it have run. Undefined where that is not so.
 *
 * Times must differ from each other by chance: what happens at one nanosecond has an order that only the event loop knows.
 */
export function chainsOf(setup: ComponentSetup): readonly Chain[] | undefined {
  const { served, tenants } = setup;
  const ensembles = served.flatMap(({ ensemble }, model) =>
    ensemble === undefined ? [] : { ensemble, model },
  );
  if (ensembles.length === 0 || !sendsAsPlanned(setup) || shareStreams(tenants)) return undefined;
  if (tenants.some(({ outputs, shape }) => outputs !== undefined || shape !== 0)) return undefined;
  if (!served.every((_, model) => isStepOrEnsemble(setup, model))) return undefined;
  const chains = ensembles.map(({ ensemble, model }) => chainOf(setup, model, ensemble));
  return chains.some((chain) => chain === undefined) ? undefined : (chains as readonly Chain[]);
}

/** Whether it is an ensemble, or a model that may be a step of a chain. */
function isStepOrEnsemble(setup: ComponentSetup, index: number): boolean {
  const { ensemble, calls, config, instances } = setup.served[index]!;
  if (calls !== undefined || !isOnlyOnItsDevice(setup, index)) return false;
  if (ensemble !== undefined) return ensemble.maxInFlight === undefined;
  const isInOrder = config.dynamicBatching?.preserveOrdering === true;
  const isRandom = instances.every(({ profile }) => profile.spread.law !== 'none');
  return isRandom && !isInOrder && config.sequences === undefined && !setup.hasPolicy(index);
}

function chainOf(setup: ComponentSetup, model: number, ensemble: Ensemble): Chain | undefined {
  const ref = setup.component.served[model]!;
  const server = setup.server(ref);
  if (hasCallbackPool(server) || handOverNs(server) > 0) return undefined;
  const order = stepsInOrder(ensemble).map((place) => ensemble.steps[place]!);
  const follows = order.every(
    ({ needs }, i) => i === 0 || order[i - 1]!.gives.some((tensor) => needs.includes(tensor)),
  );
  if (order.length === 0 || !follows) return undefined;
  const steps = order.map((step) => ({
    model: setup.component.served.findIndex(
      (other) => other.server === ref.server && other.model === step.model,
    ),
    isBatched: isBatched(server.models[step.model]!),
  }));
  return steps.some(({ model: called }) => setup.served[called]!.ensemble !== undefined)
    ? undefined
    : { model, steps };
}

/**
 * The models of a component in groups that share no device, each after all from which it gets requests.
 * Undefined where none can be first.
 */
export function groupsInOrder(
  setup: ComponentSetup,
  devices: SharedDevices,
  chains: readonly Chain[],
): readonly DeviceGroup[] | undefined {
  const groups = apartGroups(setup, devices);
  const groupOf = (model: number) => groups.findIndex(({ models }) => models.includes(model));
  const handedOn = chains.flatMap(({ steps }) =>
    steps.slice(1).map((step, i) => ({ from: groupOf(steps[i]!.model), to: groupOf(step.model) })),
  );
  const done: number[] = [];
  const left = new Set(groups.keys());
  for (const _ of groups) {
    const next = [...left].find((group) => !handedOn.some(({ from, to }) => to === group && left.has(from)));
    if (next === undefined) return undefined;
    left.delete(next);
    done.push(next);
  }
  return done.map((group) => groups[group]!);
}
