import type { InferredOptionTypes } from 'yargs';
import { plural } from '../../../base/plural.js';
import { InputError } from '../../../base/problem.js';
import type { InferenceClient } from '../../../live/inference-client.js';
import type { GivenInputs } from '../../../live/model-inputs.js';
import type { LiveServer } from '../../../live/run-live.js';
import type { TritonOptions } from '../../../live/triton/connect.js';
import type { LivePlan } from '../../../node/calibrate/validate-scenario.js';
import type { LoadedScenario } from '../../../node/scenario/scenario-files.js';
import type { Scenario } from '../../../scenario/scenario.js';
import { gatherBeside, gatherProblems } from '../../gather-problems.js';
import { requireNumbers, THREADS } from '../../number-options.js';
import { say } from '../../output.js';
import { throttle } from '../../throttle.js';
import { inputOptions, readInputs } from './input-options.js';
import { overridesOf, scenarioOptions } from './scenario-options.js';
import { connectTo, readServerOptions, serverOptions } from './server-options.js';

export const liveRunOptions = {
  ...scenarioOptions,
  ...serverOptions,
  ...inputOptions,
  url: { ...serverOptions.url, type: 'string', array: true, nargs: 1 },
  'http-url': {
    type: 'string',
    array: true,
    nargs: 1,
    describe:
      'HTTP address of each server that has protocol: http in the scenario, beside its --url: http://host:8000',
  },
  threads: { type: 'number', default: 1, describe: 'Threads that generate the load' },
  pacer: {
    choices: ['hybrid', 'worker', 'sleep'] as const,
    describe: 'How the load generator waits. Default: by where the server is',
  },
} as const;

export type LiveRunArguments = InferredOptionTypes<typeof liveRunOptions> & { readonly scenario: string };

/** What a command line for live runs names, read and found usable. */
export interface LiveRunInput {
  readonly loaded: LoadedScenario;
  /** How to connect to each server of the scenario, in its order. */
  readonly servers: readonly TritonOptions[];
  readonly inputs: GivenInputs;
}

/**
 * Reads what the command line names, before any server is asked. `further` are the command's own checks.
 * @throws InputError with everything that is wrong in options and scenario
 */
export async function readLiveRun(
  args: LiveRunArguments,
  ...further: readonly (() => unknown)[]
): Promise<LiveRunInput> {
  const [loaded, servers, inputs] = await gatherProblems(
    () => loadFor(args),
    () => readServerOptions(args, args.url, args['http-url']),
    () => readInputs(args),
    () => requireNumbers({ threads: [args.threads, THREADS] }),
    ...further,
  );
  const connected = withHttpUrls(loaded.scenario, servers, args['http-url']);
  for (const { code, subject, message } of loaded.warnings)
    if (code === 'other-transport') say(`${subject}: ${message}`);
  return { loaded, servers: connected, inputs };
}

/**
 * The servers of a scenario, each with its HTTP address where the scenario speaks HTTP to it.
 * @throws InputError where there is not one address for each of those
 */
export function withHttpUrls(
  { servers }: Scenario,
  options: readonly TritonOptions[],
  urls: readonly string[] = [],
): TritonOptions[] {
  const names = servers.filter(({ options }) => options.protocol === 'http').map(({ name }) => name);
  if (names.length !== urls.length) {
    const what = `${urls.length} ${plural(urls.length, 'address', 'addresses')} for the ${names.length} ${plural(names.length, 'server')} of the scenario with protocol: http`;
    const remedy =
      names.length === 0
        ? 'leave it out'
        : `give one --http-url for each, in this order: ${names.join(', ')}`;
    throw InputError.of(what, remedy, { path: '--http-url' });
  }
  const next = urls.values();
  return options.map((each, s) =>
    servers[s]!.options.protocol === 'http' ? { ...each, httpUrl: next.next().value! } : each,
  );
}

async function loadFor(args: LiveRunArguments): Promise<LoadedScenario> {
  const { loadScenario } = await import('../../../node/scenario/scenario-files.js');
  const { requireAddresses } = await import('../../../node/calibrate/validate-scenario.js');
  const { requirePlayable } = await import('../../../live/playable.js');
  const [overrides] = await gatherBeside(
    () => loadScenario(args.scenario),
    () => overridesOf(args),
  );
  const loaded = await loadScenario(args.scenario, overrides);
  requireAddresses(loaded.scenario, args.url.length);
  requirePlayable(loaded.scenario);
  return loaded;
}

/** Connects to the servers of the input and plays against them; leaves them whatever comes of it. */
export async function onServers(
  { loaded, servers }: LiveRunInput,
  play: (plan: LivePlan) => Promise<void>,
): Promise<void> {
  const connected = await connectToAll(servers);
  try {
    await play({ loaded, servers: connected });
  } finally {
    closeAll(connected);
  }
}

export async function connectToAll(servers: readonly TritonOptions[]): Promise<LiveServer[]> {
  const { tritonRecipe } = await import('../../../live/triton/client-recipe.js');
  const connected: LiveServer[] = [];
  try {
    for (const options of servers)
      connected.push({ client: await connectTo(options), connect: tritonRecipe(options) });
  } catch (error) {
    closeAll(connected);
    throw error;
  }
  return connected;
}

export function closeAll(servers: readonly { readonly client: InferenceClient }[]): void {
  for (const { client } of servers) client.close();
}

/** A line of progress about every two seconds. */
export function liveProgress(): (
  repeat: number,
  progress: { elapsedUs: number; durationUs: number; sent: number; failed: number },
) => void {
  const isTime = throttle(2000, 0);
  return (repeat, { elapsedUs, durationUs, sent, failed }) => {
    if (!isTime()) return;
    const seconds = (us: number) => Math.round(us / 1e6);
    say(
      `live run ${repeat}: ${seconds(elapsedUs)} of ${seconds(durationUs)} s, ${sent} sent${failed > 0 ? `, ${failed} failed` : ''}`,
    );
  };
}
