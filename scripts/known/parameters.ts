import type { CalibrationFit } from '../../src/calibrate/fit/fit-profiles.js';
import { describeSpread } from '../../src/profile/describe.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { serviceTime, totalMs } from '../../src/profile/service-time.js';
import type { KnownModel, KnownServer } from './known-server.js';

/** A parameter of a known server beside what calibration found of it. */
export interface FoundParameter {
  readonly server: string;
  readonly model: string;
  readonly parameter: string;
  readonly truth: number;
  readonly found: number;
  /** 100 times (found / truth - 1); of what is 0 in truth, {@link found} less {@link truth}, scaled by what counts as much. */
  readonly errorPercent: number;
  /** Calibration says that it does not know it. */
  readonly isUnidentified: boolean;
}

/** One figure of a profile; errors are a part of `scale` at least, where the truth may be 0. */
type Figure = readonly [parameter: string, of: (profile: ModelProfile) => number | undefined, scale?: number];

/** A cost of the front end that would show in a latency: 1 % of a millisecond. */
const LEAST_US = 10;
/** The same of a kilobyte, where requests have hundreds. */
const LEAST_PER_KB_US = 0.05;

/** Every parameter of every model of a server, true and found. */
export function foundParameters(known: KnownServer, fit: CalibrationFit): FoundParameter[] {
  return known.models.flatMap((model) => {
    const found = fit.profiles.find((profile) => profile.model === model.config.name);
    if (found === undefined) throw new Error(`${known.name}: ${model.config.name} has no profile`);
    return figuresOf(known, model, found).flatMap(([parameter, of, scale]): FoundParameter[] => {
      const [truth, value] = [of(model.profile), of(found)];
      if (truth === undefined) return [];
      const isUnidentified = fit.unidentified.some(
        (each) => each.parameter === parameter && (each.model ?? found.model) === found.model,
      );
      const off = (value ?? Number.NaN) - truth;
      return [
        {
          ...{ server: known.name, model: found.model, parameter, truth, found: value ?? Number.NaN },
          errorPercent: (100 * off) / Math.max(truth, scale ?? 0),
          isUnidentified,
        },
      ];
    });
  });
}

function figuresOf(known: KnownServer, { config, profile }: KnownModel, found: ModelProfile): Figure[] {
  const { name } = config;
  const hasBatcher = config.dynamic_batching !== undefined;
  const groups = config.instance_group ?? [];
  const instances = Math.max(...groups.map(({ count = 1 }) => count));
  const taken = known.devices?.length ?? 0;
  const meets = (other: string) =>
    !(profile.interference.mutuallyExclusiveWith ?? []).includes(other) && other !== name && taken <= 1;
  const always: Figure[] = [
    ['network delay (us)', ({ serving }) => networkUs(serving!)],
    [
      'thread wake-ups (us)',
      ({ serving }) => serving!.instanceWakeUs + (hasBatcher ? serving!.batcherWakeUs : 0),
    ],
    [
      'after an execution of one (us)',
      ({ response, serving }) =>
        response.fixedUs + response.perRequestUs - (hasBatcher ? 0 : (serving!.batcherSignalUs ?? 0)),
    ],
    ['front end of a request (us)', ({ frontEnd }) => frontEnd.perRequestUs, LEAST_US],
    ['front end of a kilobyte (us)', ({ frontEnd }) => frontEnd.perKilobyteUs, LEAST_PER_KB_US],
    ['response of a kilobyte (us)', ({ response }) => response.perKilobyteUs, LEAST_PER_KB_US],
    ['coefficient of variation', ({ spread }) => describeSpread(spread).cv],
    ['speed of a cold instance', ({ warmUpState }) => warmUpState?.coldSpeed],
    ['core time of a request (us)', ({ serving }) => serving!.requestCpuUs],
    ['core time of an execution (us)', ({ serving }) => serving!.executionCpuUs],
    ['core time of a client (us)', ({ serving }) => serving!.clientCpuUs],
    ['host cores of an inference', ({ hostCores }) => hostCores.infer, 1],
  ];
  const loading: Figure[] = [
    ['memory of an instance (MiB)', ({ memory }) => memory.perInstanceMb],
    ['loading (ms)', ({ load }) => load.loadMs],
  ];
  const besideItself: Figure = ['slowdown beside itself', ({ interference }) => interference.self];
  const wakeUpOrder: Figure = ['wake-up order', ({ serving }) => serving!.batcherWinsShare];
  const others = known.models.map((each) => each.config.name).filter(meets);
  return [
    ...found.service.map(
      ({ batchSize }): Figure => [
        `service of ${batchSize} (ms)`,
        (each) => totalMs(serviceTime(each, batchSize)) / (each === profile ? shareOf(known, name) : 1),
      ],
    ),
    ...always,
    ...others.map(
      (other): Figure => [
        `slowdown beside ${other}`,
        ({ interference }) => interference.pairs.find(({ model }) => model === other)?.slowdown,
      ],
    ),
    ...(known.load === true ? loading : []),
    ...(instances > 1 || known.load === true ? [besideItself] : []),
    ...(hasBatcher ? [wakeUpOrder] : []),
  ];
}

/** Share of the multiprocessors that a model has while it is measured: its executions are as much longer. */
function shareOf({ devices = [] }: KnownServer, model: string): number {
  const { sharing } = (devices[0] ?? {}) as {
    readonly sharing?: { readonly shares?: Readonly<Record<string, number>> };
  };
  return sharing?.shares?.[model] ?? 1;
}

function networkUs({
  requestDelayUs,
  responseDelayUs,
  generatorUs,
}: NonNullable<ModelProfile['serving']>): number {
  return requestDelayUs + responseDelayUs + generatorUs;
}
