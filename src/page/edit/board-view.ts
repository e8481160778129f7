import { CPU_KIND } from '../../profile/host-cores.js';
import { migLayout } from '../../scenario/mig.js';
import type { SharingSpec } from '../../scenario/spec/device-spec.js';
import type { ServedModelSpec, ServerSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { configOf, countsOf, HOST, type Place, slotsOf } from './placement.js';
import { profileOn, type Shipped } from './placement-shipped.js';

export interface BoardServer {
  readonly name: string;
  readonly replicas: number;
  /** Undefined where nobody said what it costs. */
  readonly usdPerHour: number | undefined;
  readonly gpus: readonly BoardGpu[];
  /** Models on the cores of its host; undefined where there are none and it has GPUs. */
  readonly host: BoardSlot | undefined;
  /** Models without instances of their own: ensembles, and those whose configuration is in a file. */
  readonly others: readonly string[];
}

export interface BoardGpu {
  readonly name: string;
  readonly kind: string;
  readonly sharing: SharingSpec['mode'] | 'mig';
  readonly slots: readonly BoardSlot[];
}

/** A place for models: a GPU, a slice of one, or a host. */
export interface BoardSlot extends Place {
  readonly name: string;
  /** Kind of the slice, such as 3g.40gb; undefined of a whole GPU. */
  readonly slice: string | undefined;
  /** Memory slices of its GPU; 1 of a whole GPU. */
  readonly size: number;
  /** Undefined where nobody knows it. */
  readonly memoryMb: number | undefined;
  readonly chips: readonly BoardChip[];
}

export interface BoardChip {
  readonly model: string;
  readonly count: number;
  /** Indices of the tenants that ask it, or a model that calls it. */
  readonly tenants: readonly number[];
  /** Undefined where the profile does not know it, or there is no profile. */
  readonly memoryMb: number | undefined;
  /** Whether it has a profile, or needs none because it only calls others. */
  readonly hasProfile: boolean;
}

/** What the board shows of a scenario, whether or not it can be simulated. */
export function boardOf(spec: ScenarioSpec, shipped: Pick<Shipped, 'profiles'>): readonly BoardServer[] {
  return spec.servers.map((server, index) => serverOf(spec, server, index, shipped));
}

function serverOf(
  spec: ScenarioSpec,
  server: ServerSpec,
  index: number,
  shipped: Pick<Shipped, 'profiles'>,
): BoardServer {
  const slots = slotsOf(server);
  const counted = server.models.map((model) => ({ model, counts: countsOf(model, slots.length) }));
  const chipsOn = (device: number, kind: string) =>
    counted.flatMap(({ model, counts }) =>
      counts.has(device) ? [chipOf(spec, server, model, counts.get(device)!, kind, shipped)] : [],
    );
  const gpus = server.devices.map(({ name, kind, mig, sharing }, gpu): BoardGpu => {
    const layout = mig && migLayout(kind);
    const own = slots.flatMap(({ device, gpu: of }, d): BoardSlot[] => {
      if (of !== gpu) return [];
      const slice = mig === undefined ? undefined : device.kind.slice(device.kind.lastIndexOf(' ') + 1);
      return [
        {
          server: index,
          device: d,
          name: device.name,
          slice,
          size: layout?.slices.find((each) => each.name === slice)?.memorySlices ?? 1,
          memoryMb: Number.isFinite(device.memoryMb) ? device.memoryMb : undefined,
          chips: chipsOn(d, device.kind),
        },
      ];
    });
    return { name, kind, sharing: mig === undefined ? (sharing?.mode ?? 'streams') : 'mig', slots: own };
  });
  const onHost = chipsOn(HOST, CPU_KIND);
  const host = { server: index, device: HOST, name: 'host', slice: undefined, size: 1, memoryMb: undefined };
  const usdPerHour = server.machine?.usdPerHour;
  return {
    name: server.name,
    replicas: server.replicas,
    usdPerHour: server.machine?.priceSource === 'unpriced' ? undefined : usdPerHour,
    gpus,
    host: onHost.length > 0 || gpus.length === 0 ? { ...host, chips: onHost } : undefined,
    others: counted.filter(({ counts }) => counts.size === 0).map(({ model }) => model.name),
  };
}

function chipOf(
  spec: ScenarioSpec,
  server: ServerSpec,
  model: ServedModelSpec,
  count: number,
  kind: string,
  shipped: Pick<Shipped, 'profiles'>,
): BoardChip {
  const profile = profileOn(spec, model, kind, shipped);
  const memory = profile?.memory;
  const asked = new Set(withCallers(server, [model.name]));
  return {
    model: model.name,
    count,
    tenants: spec.tenants.flatMap((tenant, i) => (asked.has(tenant.model) ? [i] : [])),
    memoryMb: memory?.known === true ? memory.modelMb + memory.perInstanceMb * count : undefined,
    hasProfile: profile !== undefined || (model.calls !== undefined && model.profile === undefined),
  };
}

/** Models, and those of the server that call them: ensembles, and models that call others. */
function withCallers({ models }: Pick<ServerSpec, 'models'>, names: readonly string[]): readonly string[] {
  const callers = models.filter(
    (model) => !names.includes(model.name) && calledBy(model).some((called) => names.includes(called)),
  );
  return callers.length === 0
    ? names
    : withCallers({ models }, [...names, ...callers.map(({ name }) => name)]);
}

function calledBy(model: ServedModelSpec): readonly string[] {
  const steps = configOf(model)?.ensemble_scheduling?.step ?? [];
  const calls = model.calls?.flatMap(({ call, parallel = [] }) => [
    call,
    ...parallel.map((each) => each.call),
  ]);
  return [...steps.map((step) => step.model_name), ...(calls ?? [])].filter((name) => name !== undefined);
}

/** All places for models, in the order in which the board shows them. */
export function placesOf(board: readonly BoardServer[]): readonly BoardSlot[] {
  return board.flatMap(({ gpus, host }) => [
    ...gpus.flatMap(({ slots }) => slots),
    ...(host === undefined ? [] : [host]),
  ]);
}
