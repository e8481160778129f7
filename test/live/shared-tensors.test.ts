import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LiveError, wrapped } from '../../src/live/inference-client.js';
import { runLive } from '../../src/live/run-live.js';
import { shareTensors } from '../../src/live/shared-tensors.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import type { InferParameter } from '../../src/live/triton/generated/grpc_service_pb.js';
import { type MemoryTritonOptions, startMemoryTriton } from '../support/memory-triton.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const MODEL = { config: config('m', 8), profile: profile('m', 1, 0) };
const sizes = { batchSize: Uint16Array.from([1, 4]) };
const PLAYED = scenario(
  [server('a', { models: [MODEL] })],
  [tenant('t', 'm', arrivals([0, 1000], sizes), { sharedMemory: 'system' })],
  0.1,
);
const all = { values: new Map([['INPUT0', [1, 2, 3, 4]]]), shapes: new Map() };

async function serving(options: MemoryTritonOptions = {}) {
  const triton = await startMemoryTriton({ models: { m: {} }, ...options });
  const client = connectTriton({ url: triton.url });
  onTestFinished(async () => {
    client.close();
    await triton.stop();
  });
  return { triton, client };
}

function placeOf(parameters: Record<string, InferParameter>) {
  const value = (name: string) => parameters[`shared_memory_${name}`]!.parameterChoice.value;
  const [offset, bytes] = [Number(value('offset')), Number(value('byte_size'))];
  return { region: String(value('region')), offset, bytes };
}

function filesOf(regions: Iterable<string>): string[] {
  const own = new Set(regions);
  return readdirSync('/dev/shm').filter((file) => own.has(file));
}

describe.skipIf(!existsSync('/dev/shm'))('a live run of a tenant with system shared memory', () => {
  it('has the server forget its region as soon as that lets go of it, and gives up where it never does', async () => {
    const { client } = await serving();
    const inUse = new LiveError('server', 'it is currently in use', 'see the log of the server');
    const asked = async (refusals: number, error = inUse) => {
      let times = 0;
      const unregisterMemory = async () => {
        if (times++ < refusals) throw error;
      };
      const sharing = {
        ...{ path: 't', client: wrapped(client, { unregisterMemory }), config: MODEL.config },
        requests: [],
      };
      await (await shareTensors(sharing)).release();
      return times;
    };
    expect(await asked(2)).toBe(3);
    expect(await asked(Infinity)).toBe(20);
    expect(await asked(Infinity, new LiveError('lost', 'it is gone', 'look'))).toBe(1);
  });

  it('names where its tensors are instead of sending them, and leaves neither file nor region', async () => {
    const { triton, client } = await serving();
    await runLive(PLAYED, { servers: [{ client }], inputs: { all } });
    expect(triton.requests.length).toBeGreaterThan(2);
    for (const { inputs, outputs, rawInputContents } of triton.requests) {
      expect(rawInputContents).toEqual([]);
      const batchSize = Number(inputs[0]!.shape[0]);
      const input = placeOf(inputs[0]!.parameters);
      const memory = Uint8Array.from(triton.regions.get(input.region)!);
      const values = new Float32Array(memory.buffer, input.offset, input.bytes / 4);
      expect([...values]).toEqual(Array.from({ length: batchSize }, () => [1, 2, 3, 4]).flat());
      const output = placeOf(outputs[0]!.parameters);
      expect(output.bytes).toBe(16 * batchSize);
      expect(output.offset).toBeGreaterThanOrEqual(input.offset + input.bytes);
      expect(output.offset + output.bytes).toBeLessThanOrEqual(memory.length);
    }
    expect(triton.calls.filter(({ method }) => method === 'SystemSharedMemoryUnregister')).toEqual([
      { method: 'SystemSharedMemoryUnregister', model: [...triton.regions.keys()][0] },
    ]);
    expect(filesOf(triton.regions.keys())).toEqual([]);
  });

  it('says what to do where the server cannot use it, and leaves no file', async () => {
    const { triton, client } = await serving({ unimplemented: ['systemSharedMemoryRegister'] });
    await expect(runLive(PLAYED, { servers: [{ client }] })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('SystemSharedMemoryRegister failed'),
      remedy: expect.stringContaining('play on the machine of the server'),
    });
    expect(triton.requests).toEqual([]);
    expect(filesOf(triton.calls.map(({ model }) => model))).toEqual([]);
  });
});

it('a machine without shared memory is told by the field that asks for it', async () => {
  const { client } = await serving();
  const sharing = { path: 'tenants.t.sharedMemory', client, config: config('m', 8), requests: [] };
  await expect(shareTensors(sharing, '/dev/shm/nowhere')).rejects.toThrow(
    /^tenants\.t\.sharedMemory: there is no \/dev\/shm\/nowhere; do without shared memory/,
  );
});
