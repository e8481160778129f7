import { parse } from 'yaml';
import { liveScenario } from '../../src/calibrate/live-scenario.js';
import { inputsOf } from '../../src/live/model-inputs.js';
import {
  findComposed,
  measureAllComposed,
  measureCaches,
  measureStreams,
} from '../../src/node/calibrate/composed-models.js';
import { simulate } from '../../src/simulator/simulate.js';
import { latencyFigures } from '../support/latencies.js';
import { errorPercent } from '../support/points.js';
import type { KnownResult } from './check-known.js';
import { composedScenario, connectComposed } from './composed-client.js';
import { CACHED_BYTES, type CacheFigures, type ComposedServer, specOf } from './composed-servers.js';
import type { FoundParameter } from './parameters.js';

/** What a calibration finds of a server of composed models besides the models that call no others, and what it then predicts. */
export async function checkComposed(known: ComposedServer): Promise<KnownResult> {
  const { name: server, shows, asked, ratePerS } = known;
  const truth = specOf(known);
  const client = connectComposed(known);
  const inputs = inputsOf({});
  const found = await findComposed(client, [await client.modelConfig(asked)], {});
  const all = [...found.plain, ...found.composed].map(({ config }) => config);
  const streams = await measureStreams(client, found, {});
  const composed = await measureAllComposed(client, found, inputs, streams);
  const loads = found.plain.map((model) => ({ ...model, ratePerS }));
  const own = all.filter(({ ensemble }) => ensemble === undefined).map(({ name }) => name);
  const told = new Map([...streams].filter(([name]) => own.includes(name)));
  const requestBytes = CACHED_BYTES;
  const caches = [...(await measureCaches(client, found.plain, inputs)).values()].map((times) => ({
    ...times,
    requestBytes,
  }));
  const written = parse(liveScenario(loads, { composed, caches, streams: told })) as Spec;
  return {
    ...{ server, shows },
    parameters: parametersOf(server, truth, written),
    loads: heldOut(known, truth, written),
  };
}

interface Spec {
  readonly servers: readonly {
    readonly triton?: { readonly ensembleStepUs?: number; readonly cache?: CacheFigures };
    readonly models: readonly {
      readonly name: string;
      readonly responses?: Readonly<Record<'mean' | 'firstMs' | 'gapMs', number>>;
      readonly calls?: readonly { readonly ownMs?: number }[];
    }[];
  }[];
}

/** Every figure of the composed models in the scenario that calibration writes, beside the one that the server has. */
function parametersOf(server: string, truth: Spec, written: Spec): FoundParameter[] {
  const figures = figuresOf(written);
  return [...figuresOf(truth)].map(([key, value]) => {
    const [model, parameter] = key.split(': ') as [string, string];
    const found = figures.get(key) ?? Number.NaN;
    const off = errorPercent(found, value);
    return { server, model, parameter, truth: value, found, errorPercent: off, isUnidentified: false };
  });
}

function figuresOf({ servers: [server] }: Spec): Map<string, number> {
  const { triton: { ensembleStepUs = 0, cache } = {}, models } = server!;
  const figures = models.flatMap(({ name, responses, calls }) => [
    ...(responses === undefined
      ? []
      : ([
          [`${name}: responses`, responses.mean],
          [`${name}: first response (ms)`, responses.firstMs],
          [`${name}: between responses (ms)`, responses.gapMs],
        ] as const)),
    ...(calls === undefined
      ? []
      : ([[`${name}: own time (ms)`, calls.reduce((sum, { ownMs = 0 }) => sum + ownMs, 0)]] as const)),
  ]);
  const steps = ensembleStepUs === 0 ? [] : ([['ensembles: hand-over (us)', ensembleStepUs]] as const);
  const ofCache =
    cache === undefined
      ? []
      : ([
          ['cache: look-up (us)', cache.lookUpUs],
          ['cache: key of a kilobyte (us)', cache.hashPerKilobyteUs ?? 0],
        ] as const);
  return new Map([...steps, ...figures, ...ofCache]);
}

const DURATION_S = 60;

/** Poisson arrivals, of which calibration saw none: until the first response, and until the last. */
function heldOut(known: ComposedServer, truth: object, written: object): KnownResult['loads'] {
  const { name: server, asked: model, ratePerS } = known;
  const [real, predicted] = [truth, written].map((spec) => {
    const run = { ...spec, durationS: DURATION_S, warmUpS: 0 };
    const { log } = simulate(composedScenario(known, run, model, { process: { kind: 'poisson', ratePerS } }));
    const figures = (us: Float64Array) =>
      latencyFigures(
        [...us].map((each, row) => each - log.plannedUs[row]!).filter((latencyUs) => latencyUs > 0),
      );
    return { last: figures(log.endedUs), ...(log.responses && { first: figures(log.responses.firstUs) }) };
  });
  return (['first', 'last'] as const).flatMap((which) => {
    const [live, simulated] = [real![which], predicted![which]];
    if (live === undefined || simulated === undefined) return [];
    return {
      ...{ server, model, load: `${ratePerS}/s, ${which} response`, meanMs: live.meanMs, p99Ms: live.p99Ms },
      meanErrorPercent: errorPercent(simulated.meanMs, live.meanMs),
      p99ErrorPercent: errorPercent(simulated.p99Ms, live.p99Ms),
    };
  });
}
