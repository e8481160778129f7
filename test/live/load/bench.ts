import { readFileSync } from 'node:fs';
import { runScript } from '../../../scripts/support/run-script.js';
import { countOf, scriptOptions } from '../../../scripts/support/script-options.js';
import { exponential } from '../../../src/base/distributions.js';
import { RandomStreams } from '../../../src/base/random.js';
import type { PacerKind } from '../../../src/live/load/load-options.js';
import { runLoad } from '../../../src/live/load/run-load.js';
import { quantiles } from '../../../src/metrics/statistics/quantiles.js';
import { arrivals } from '../../support/scenario.js';
import { connectEcho, startEchoServer } from './echo-client.js';
import { loadOptions, loadTenant } from './fake-client.js';

const ABOUT = 'What each pacer costs and how punctual it is, against a server process on the same cores.';

async function main(): Promise<void> {
  const values = scriptOptions('npm run bench:load', ABOUT, {
    seconds: { takes: 'N', default: '8', help: 'length of a run' },
    repeats: { takes: 'N', default: '3', help: 'runs of each' },
    rates: { takes: 'LIST', default: '200,1000,3000', help: 'requests per second, with commas' },
    pacers: {
      takes: 'LIST',
      default: 'hybrid,worker,sleep',
      help: 'how the generator waits for the next request',
    },
    threads: { takes: 'N', default: '1', help: 'threads that send' },
  });
  const seconds = countOf('seconds', values.seconds);
  const repeats = countOf('repeats', values.repeats);
  const threads = countOf('threads', values.threads);
  const rates = values.rates.split(',').map((rate) => countOf('rates', rate));
  const echo = await startEchoServer();
  const client = connectEcho({ url: echo.url });
  const stand = { echo, client, seconds, threads };
  try {
    for (const rate of rates) await compare(stand, rate, values.pacers.split(',') as PacerKind[], repeats);
  } finally {
    client.close();
    echo.process.kill();
  }
}

/** All pacers by turns at one rate. */
async function compare(
  stand: Stand,
  rate: number,
  pacers: readonly PacerKind[],
  repeats: number,
): Promise<void> {
  const runs: Awaited<ReturnType<typeof once>>[] = [];
  for (let i = 0; i < repeats; i++) {
    for (const pacer of pacers) runs.push(await once(stand, rate, pacer));
  }
  for (const pacer of pacers) {
    const own = runs.filter((run) => run.pacer === pacer);
    const of = (name: keyof (typeof own)[number]) => median(own.map((run) => Number(run[name]))).toFixed(3);
    process.stdout.write(
      `${rate}/s ${pacer.padEnd(6)} cpu ${of('cpuPercent')} % (server ${of('echoPercent')} %) lag p50 ${of('lagP50')} p99 ${of('lagP99')} max ${of('lagMax')} ms, latency p50 ${of('latencyP50')} p99 ${of('latencyP99')} ms, stalls ${of('stalls')} (${of('stallMs')} ms), fell behind ${own.filter((run) => run.fellBehind).length}/${own.length}; p99 lags ${own.map((run) => run.lagP99.toFixed(2)).join(' ')}\n`,
    );
  }
}

/** The server, and what is the same in all runs. */
interface Stand {
  readonly echo: Awaited<ReturnType<typeof startEchoServer>>;
  readonly client: ReturnType<typeof connectEcho>;
  readonly seconds: number;
  readonly threads: number;
}

async function once({ echo, client, seconds, threads }: Stand, perSecond: number, pacer: PacerKind) {
  const recipe = {
    module: new URL('./echo-client.ts', import.meta.url).href,
    factory: 'connectEcho',
    options: { url: echo.url },
  };
  const [ownBefore, echoBefore] = [process.cpuUsage(), cpuSeconds(echo.process.pid!)];
  const { log, generator } = await runLoad({
    ...loadOptions(client, [loadTenant('t', poisson(perSecond, seconds))]),
    servers: [{ name: 's', client, connect: recipe }],
    durationUs: seconds * 1e6,
    threads,
    pacer,
  });
  const own = process.cpuUsage(ownBefore);
  const latency = quantiles(
    log.endedUs.map((us, row) => us - log.plannedUs[row]!),
    [0.5, 0.99],
  );
  return {
    perSecond,
    pacer,
    cpuPercent: Math.round((own.user + own.system) / 1e4 / seconds),
    echoPercent: Math.round(((cpuSeconds(echo.process.pid!) - echoBefore) / seconds) * 100),
    lagP50: generator.lagMs.p50,
    lagP99: generator.lagMs.p99,
    lagMax: generator.lagMs.max,
    latencyP50: latency[0]! / 1000,
    latencyP99: latency[1]! / 1000,
    stalls: generator.stalls.count,
    stallMs: generator.stalls.totalMs,
    fellBehind: generator.fellBehind,
  };
}

/** Poisson arrivals from a fixed stream. */
function poisson(perSecond: number, seconds: number) {
  const random = new RandomStreams(1).get(`bench ${perSecond}`);
  const times: number[] = [];
  for (let us = 0; us < seconds * 1e6; us += exponential(random, 1e6 / perSecond)) times.push(Math.floor(us));
  return arrivals(times);
}

/** CPU time of another process in seconds (Linux: clock ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const median = (values: number[]) => quantiles(Float64Array.from(values), [0.5])[0]!;

await runScript(main);
