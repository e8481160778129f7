import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { RandomStreams } from '../src/base/random.js';
import { meanSingleUs } from '../src/calibrate/fit/phases.js';
import { type LiveAccess, measurePart } from '../src/calibrate/measure-part.js';
import { COUNT, requireNumbers } from '../src/cli/number-options.js';
import type { InferenceClient } from '../src/live/inference-client.js';
import { reloadModel } from '../src/live/reload-model.js';
import { generateTrace, tenantRandoms } from '../src/trace/synthesis/generate.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';
import { onServer } from './triton/on-server.js';
import type { OnnxModel } from './triton/repository-model.js';
import { writeRepository } from './triton/write-repository.js';

const FOLDER = '.tmp/processes';
/** Long enough for some hundred executions, short enough that a drift of the machine meets all processes. */
const TURN_S = 2.5;
const ROUNDS = 4;
const COPIES = ['a', 'b', 'c'] as const;
const LOADS = [
  { network: { architecture: 'mlp', size: 2048 }, ratePerS: 90 },
  { network: { architecture: 'mobilenet_v1', size: 96 }, ratePerS: 100 },
] as const;

const USAGE = `usage: npm run compare:processes -- [--servers N]
Serves each network three times, by processes of its own, and loads them by turns: how much processes that do the same
differ. The second (b) is then loaded anew, twice. A server takes three minutes; needs npm run triton -- setup.
`;

function nameOf({ network }: (typeof LOADS)[number], copy: string): string {
  return `${network.architecture}_${copy}`;
}

function models(): OnnxModel[] {
  return COPIES.flatMap((copy) =>
    LOADS.map((load) => ({
      kind: 'onnx' as const,
      name: nameOf(load, copy),
      network: load.network,
      dynamicBatching: {},
    })),
  );
}

/** Milliseconds of single inferences in one turn. */
async function turn(context: LiveAccess, model: string, ratePerS: number, seed: string): Promise<number> {
  const trace = generateTrace({
    ...tenantRandoms(new RandomStreams(seed), model),
    tenant: model,
    process: { kind: 'poisson', ratePerS },
    durationS: TURN_S,
  });
  const load = { model, batchSize: 1, load: () => ({ mode: 'open', trace }) as const };
  const { statistics } = await measurePart([load], TURN_S, context, TURN_S);
  return meanSingleUs(statistics)! / 1000;
}

async function compare(label: string, client: InferenceClient): Promise<void> {
  const names = models().map(({ name }) => name);
  const configs = new Map(
    await Promise.all(names.map(async (name) => [name, (await client.modelConfig(name)).config] as const)),
  );
  const context: LiveAccess = { client, configs, inputs: () => ({}) };
  const measured = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const copy of COPIES) {
      for (const load of LOADS) {
        const name = nameOf(load, copy);
        measured.get(name)!.push(await turn(context, name, load.ratePerS, `${label} ${round}`));
      }
    }
  }
  for (const load of LOADS) {
    const of = (copy: string) => measured.get(nameOf(load, copy))!;
    const times = COPIES.map((copy) => `${copy} ${mean(of(copy)).toFixed(2)} ms`).join(', ');
    const ratios = ['b', 'c'].map((copy) => ratioText(copy, of(copy), of('a'))).join(', ');
    process.stdout.write(`${label}: ${load.network.architecture} ${times}; ${ratios}\n`);
  }
}

/** Mean and standard error of the ratios round by round. */
function ratioText(copy: string, times: readonly number[], first: readonly number[]): string {
  const ratios = times.map((time, round) => time / first[round]!);
  const error = sampleStandardDeviation(ratios) / Math.sqrt(ratios.length);
  return `${copy}/a ${mean(ratios).toFixed(3)} ±${error.toFixed(3)}`;
}

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, { servers: { type: 'string', default: '2' } });
  const servers = Number(values.servers);
  requireNumbers({ servers: [servers, COUNT] });
  const installation = requireInstallation();
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const repository = join(FOLDER, 'repository');
  await writeRepository(repository, models(), installation);
  for (let number = 1; number <= servers; number++) {
    say(`server ${number}`);
    const logFile = join(FOLDER, 'server.log');
    await onServer({ installation, repository, logFile }, async (client) => {
      await compare(`server ${number}, as started`, client);
      for (const time of ['once', 'twice']) {
        for (const load of LOADS) await reloadModel(client, nameOf(load, 'b'));
        await compare(`server ${number}, b loaded anew ${time}`, client);
      }
    });
  }
}

await runScript(main);
