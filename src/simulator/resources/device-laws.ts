import { FAIR_SHARE, slowdown } from '../../effects/interference/slowdown.js';
import { isKnownWhoComputes } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { Sharing } from '../../scenario/scenario.js';
import { type DeviceModel, SharedDevice, TurnsDevice } from './shared-device.js';
import { coresLaw, mpsLaw, type SharingLaw, streamsLaw, timeSlicesLaw } from './sharing.js';

/** Whose executions meet on a device. Each list is by kind: the served models of the component, in their order. */
export interface DeviceUsers {
  /** Name of each model. */
  readonly models: readonly string[];
  /** What each model costs there; undefined where it has no instance on the device. */
  readonly profiles: readonly (ModelProfile | undefined)[];
}

/** How executions share a device in one mode. */
interface DeviceLaw<S extends Sharing = Sharing> {
  /** Whether executions of a lone instance, one at a time, are as on a device that nobody shares. */
  isExclusiveAlone(sharing: S): boolean;
  /** The device itself: from who runs at a moment follows the speed of each. Undefined: nobody slows another. */
  device(sharing: S, users: DeviceUsers): DeviceModel | undefined;
}

type SharingOf<M extends Sharing['mode']> = Extract<Sharing, { readonly mode: M }>;

/**
 * The laws of all sharing modes. A mode that is missing here does not compile, so that none ever behaves as another.
 *
 * `streams` and `hostCores` are two laws of two things. Streams of one process are all resident on a GPU at once; threads
 * are not on more cores than there are. While there is a core for each, the second is the first.
 */
const DEVICE_LAWS: { readonly [M in Sharing['mode']]: DeviceLaw<SharingOf<M>> } = {
  exclusive: {
    isExclusiveAlone: () => true,
    device: () => undefined,
  },
  streams: {
    isExclusiveAlone: () => true,
    device: (_, users) => new SharedDevice(lawOfStreams(users)),
  },
  hostCores: {
    // They may meet requests that are taken in.
    isExclusiveAlone: () => false,
    device: ({ cores }, users) => new SharedDevice(lawOfCores(users, cores)),
  },
  timeSlices: {
    isExclusiveAlone: () => true,
    device: ({ quantumUs, switchOverhead }) =>
      quantumUs === undefined
        ? new SharedDevice(timeSlicesLaw(switchOverhead))
        : new TurnsDevice(quantumUs * 1000, switchOverhead),
  },
  mps: {
    // A share of the multiprocessors is a cap also for one alone.
    isExclusiveAlone: () => false,
    device: ({ shares }, { models }) => new SharedDevice(mpsLaw(models.map((name) => shares.get(name) ?? 1))),
  },
  mig: {
    // A slice is a smaller GPU: what its profiles were measured on fills it as it would fill one.
    isExclusiveAlone: () => true,
    device: (_, users) => new SharedDevice(lawOfStreams(users)),
  },
};

/** The law of a device's sharing mode. */
export function deviceLaw({ mode }: Sharing): DeviceLaw {
  return DEVICE_LAWS[mode];
}

/** Of the models that run there alone: on servers of a thousand models most of them run elsewhere. */
function lawOfStreams({ models, profiles }: DeviceUsers): SharingLaw {
  const present = profiles.flatMap((profile, kind) => (profile === undefined ? [] : [kind]));
  const only = <T>(list: readonly T[]) => present.map((kind) => list[kind]!);
  const users = { models: only(models), profiles: only(profiles) };
  const rowOf = new Int32Array(profiles.length);
  for (const [row, kind] of present.entries()) rowOf[kind] = row;
  return streamsLaw(slowdowns(users), rowOf);
}

/** Where it is known which models compute, what was not measured costs nothing more than the cores that they share. */
function lawOfCores(users: DeviceUsers, cores: number): SharingLaw {
  const { profiles } = users;
  const needsCore = profiles.map((profile) => (profile?.hostCores.infer ?? 0) > 0);
  const isKnown = isKnownWhoComputes(profiles.filter((profile) => profile !== undefined));
  const unmeasured = isKnown ? 1 : FAIR_SHARE;
  const slowdown = withRequests(slowdowns(users).map((row) => row.map((value) => value ?? unmeasured)));
  return coresLaw(slowdown, cores, isKnown ? [...needsCore, true] : undefined);
}

/** The kind of job that stands for taking requests in, beside those of so many served models: it takes a core, and no more. */
export function requestKind({ served }: { readonly served: readonly unknown[] }): number {
  return served.length;
}

function withRequests(slowdown: readonly (readonly number[])[]): number[][] {
  return [...slowdown.map((row) => [...row, 1]), slowdown.map(() => 1).concat(1)];
}

/** How many times as long an execution of model i takes beside one of model j on this device; undefined where not measured. */
function slowdowns({ profiles }: DeviceUsers): (number | undefined)[][] {
  return profiles.map((own) =>
    profiles.map((other) => {
      if (own === undefined || other === undefined) return 1;
      const { slowdown: factor, assumed } = slowdown(own, other.model, other);
      return assumed ? undefined : factor;
    }),
  );
}
