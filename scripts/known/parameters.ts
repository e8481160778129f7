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

/** One figure of a profile. */
interface Figure {
  readonly parameter: string;
  readonly of: (profile: ModelProfile) => number | undefined;
  /** What errors are a part of, where the truth may be 0. */
  readonly scale?: number;
}

/** A cost of the front end that would show in a latency: 1 % of a millisecond. */
const LEAST_US = 10;
/** The same of a kilobyte, where requests have hundreds. */
const LEAST_PER_KB_US = 0.05;

/** Every parameter of every model of a server, true and found. */
export function foundParameters(known: KnownServer, fit: CalibrationFit): FoundParameter[] {
  return known.models.flatMap((model) => {
    const found = fit.profiles.find((profile) => profile.model === model.config.name);
    if (found === undefined) throw new Error(`${known.name}: ${model.config.name} has no profile`);
    return figuresOf(known, model, found).flatMap(({ parameter, of, scale }): FoundParameter[] => {
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
  const { name, dynamic_batching: batching } = config;
  const hasBatcher = batching !== undefined;
  const groups = config.instance_group ?? [];
  const instances = Math.max(...groups.map(({ count = 1 }) => count));
  const taken = known.devices?.length ?? 0;
  const meets = (other: string) =>
    !(profile.interference.mutuallyExclusiveWith ?? []).includes(other) && other !== name && taken <= 1;
  return [
    ...found.service.map(
      ({ batchSize }): Figure => ({
        parameter: `service of ${batchSize} (ms)`,
        of: (each) => totalMs(serviceTime(each, batchSize)) / (each === profile ? shareOf(known, name) : 1),
      }),
    ),
    { parameter: 'network delay (us)', of: ({ serving }) => networkUs(serving!) },
    {
      parameter: 'thread wake-ups (us)',
      of: ({ serving }) => serving!.instanceWakeUs + (hasBatcher ? serving!.batcherWakeUs : 0),
    },
    {
      parameter: 'after an execution of one (us)',
      of: ({ response, serving }) =>
        response.fixedUs + response.perRequestUs - (hasBatcher ? 0 : (serving!.batcherSignalUs ?? 0)),
    },
    {
      parameter: 'front end of a request (us)',
      of: ({ frontEnd }) => frontEnd.perRequestUs,
      scale: LEAST_US,
    },
    {
      parameter: 'front end of a kilobyte (us)',
      of: ({ frontEnd }) => frontEnd.perKilobyteUs,
      scale: LEAST_PER_KB_US,
    },
    {
      parameter: 'response of a kilobyte (us)',
      of: ({ response }) => response.perKilobyteUs,
      scale: LEAST_PER_KB_US,
    },
    { parameter: 'coefficient of variation', of: ({ spread }) => describeSpread(spread).cv },
    { parameter: 'speed of a cold instance', of: ({ warmUpState }) => warmUpState?.coldSpeed },
    { parameter: 'core time of a request (us)', of: ({ serving }) => serving!.requestCpuUs },
    { parameter: 'core time of an execution (us)', of: ({ serving }) => serving!.executionCpuUs },
    { parameter: 'core time of a client (us)', of: ({ serving }) => serving!.clientCpuUs },
    { parameter: 'host cores of an inference', of: ({ hostCores }) => hostCores.infer, scale: 1 },
    ...known.models
      .map((each) => each.config.name)
      .filter(meets)
      .map(
        (other): Figure => ({
          parameter: `slowdown beside ${other}`,
          of: ({ interference }) => interference.pairs.find((pair) => pair.model === other)?.slowdown,
        }),
      ),
    ...(known.load === true
      ? [
          {
            parameter: 'memory of an instance (MiB)',
            of: ({ memory }: ModelProfile) => memory.perInstanceMb,
          },
          { parameter: 'loading (ms)', of: ({ load }: ModelProfile) => load.loadMs },
        ]
      : []),
    ...(instances > 1 || known.load === true
      ? [{ parameter: 'slowdown beside itself', of: ({ interference }: ModelProfile) => interference.self }]
      : []),
    ...(batching !== undefined
      ? [
          {
            parameter: 'wake-up order',
            of: ({ serving }: ModelProfile) => serving!.batcherWinsShare,
          },
        ]
      : []),
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
