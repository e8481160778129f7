import { RandomStreams } from '../../src/base/random.js';
import { capacityPerS } from '../../src/calibrate/calibrate.js';
import type { Load } from '../../src/scenario/scenario.js';
import { generateTrace, tenantRandoms } from '../../src/trace/synthesis/generate.js';
import { answeredRows, latencyFigures } from '../support/latencies.js';
import { errorPercent } from '../support/points.js';
import type { KnownCalibration } from './calibrate-known.js';
import { configsOf, type KnownServer, type PlayedLoad, played } from './known-server.js';

/** A load that calibration did not see: what the server does, and what the profiles say. */
export interface HeldOutLoad {
  readonly server: string;
  readonly model: string;
  readonly load: string;
  readonly meanMs: number;
  readonly p99Ms: number;
  /** 100 times (predicted / true - 1). */
  readonly meanErrorPercent: number;
  readonly p99ErrorPercent: number;
  /** From where to where the profiles' own error lets each lie; absent where no profile was fitted. */
  readonly ranges?: Readonly<Record<'meanMs' | 'p99Ms', readonly [low: number, high: number]>>;
}

/** The figures of a load, as every reproduction tells its own: a server's truth is what was measured. */
export function pointsOf({ server, model, load, ranges, ...figures }: HeldOutLoad) {
  return (['mean', 'p99'] as const).map((name) => {
    const metric = `${name}Ms` as const;
    const [measured, errorPercent] = [figures[metric], figures[`${name}ErrorPercent`]];
    const [low, high] = ranges?.[metric] ?? [null, null];
    const predicted = measured * (1 + errorPercent / 100);
    return { server, model, load, metric, measured, predicted, low, high, errorPercent };
  });
}

/** So many requests tell a 99th percentile to a few per cent; between these lengths. */
const REQUESTS = 30_000;
const LEAST_S = 5;
const MOST_S = 120;
/** The first second is left out: closed-loop clients begin together. */
const WARM_UP_US = 1e6;

/** All models at once: at half of what they can do, at three quarters, and with four closed-loop clients. */
export function heldOutLoads(known: KnownServer, { fit, observations }: KnownCalibration): HeldOutLoad[] {
  const configs = configsOf(known);
  const devices = Math.max(1, known.devices?.length ?? 1);
  const share = Math.min(1, devices / configs.length);
  const rates = configs.map((config) => share * capacityPerS(observations, config)!);
  const durationS = Math.min(MOST_S, Math.max(LEAST_S, REQUESTS / Math.min(...rates)));
  const openLoad = (of: number) => (model: string, at: number) => poisson(model, of * rates[at]!, durationS);
  const loads: Readonly<Record<string, (model: string, at: number) => Load>> = {
    'half of capacity': openLoad(0.5),
    'three quarters': openLoad(0.75),
    'four closed-loop clients': () => ({
      ...{ mode: 'closed', concurrency: 4, maxRequests: Number.POSITIVE_INFINITY },
      thinkTime: { law: 'exponential', meanUs: 500 },
    }),
  };
  const predicted = { ...known, ...(known.devices && { devices: asWritten(known.devices) }) };
  return Object.entries(loads).flatMap(([load, of]) => {
    const sent = configs.map(
      ({ name }, at): PlayedLoad => ({ model: name, batchSize: 1, load: of(name, at) }),
    );
    const run = { durationS, seed: `held out ${load}` };
    const truth = latenciesOf(played(known, sent, run), sent);
    const by = { ...run, profiles: fit.profiles };
    const found = latenciesOf(played(predicted, sent, by), sent);
    const ends = (['fast', 'slow'] as const).map((end) =>
      latenciesOf(played(predicted, sent, { ...by, end }), sent),
    );
    return sent.map(({ model }, at) => {
      const [{ meanMs, p99Ms }, own] = [truth[at]!, found[at]!];
      const rangeOf = (metric: 'meanMs' | 'p99Ms') => {
        const all = [own, ...ends.map((end) => end[at]!)].map((figures) => figures[metric]);
        return [Math.min(...all), Math.max(...all)] as const;
      };
      return {
        ...{ server: known.name, model, load, meanMs, p99Ms },
        meanErrorPercent: errorPercent(own.meanMs, meanMs),
        p99ErrorPercent: errorPercent(own.p99Ms, p99Ms),
        ranges: { meanMs: rangeOf('meanMs'), p99Ms: rangeOf('p99Ms') },
      };
    });
  });
}

/** Devices as calibration writes them into its scenario: it does not say how they are shared. */
function asWritten(devices: readonly object[]): object[] {
  return devices.map((device) => {
    const { sharing: _, ...rest } = device as { readonly sharing?: unknown };
    return rest;
  });
}

function poisson(model: string, ratePerS: number, durationS: number): Load {
  const trace = generateTrace({
    ...tenantRandoms(new RandomStreams('held out'), model),
    ...{ tenant: model, process: { kind: 'poisson', ratePerS }, durationS },
  });
  return { mode: 'open', trace };
}

function latenciesOf(log: ReturnType<typeof played>, sent: readonly PlayedLoad[]) {
  return sent.map(({ model }) => {
    const rows = answeredRows(log, log.tenants.indexOf(model), (row) => log.plannedUs[row]! >= WARM_UP_US);
    return latencyFigures(rows.map((row) => log.endedUs[row]! - log.plannedUs[row]!));
  });
}
