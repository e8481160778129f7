import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { placeOfNamed } from '../../src/node/files/named-path.js';
import { rebasedPath } from '../../src/node/files/rebased-path.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { nameByContent } from '../../src/node/scenario/scenario-sources.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-shipped-'));
afterAll(() => rmSync(folder, { recursive: true }));

function scenario(name: string, profiles: string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `perseus: 1
name: shipped
seed: 1
durationS: 10
profiles: [${profiles}]
servers:
  - name: server
    devices: [{name: gpu0, kind: Tesla T4, sharing: streams}]
    models: [{name: mine, config: {max_batch_size: 8}, profile: resnet50-onnx-trt-fp16}]
tenants:
  - {name: a, model: mine, load: {process: {kind: poisson, ratePerS: 10}}}
`,
  );
  return file;
}

describe('profiles that perseus ships', () => {
  it('are named by a scenario without a path, in any folder', async () => {
    const { scenario: checked } = await loadScenario(scenario('whole.yaml', '"shipped:t4"'));
    expect(checked.servers[0]!.models[0]!.instances[0]!.profile.device).toBe('Tesla T4');
  });

  it('are named one by one as well', async () => {
    const [one, ...others] = await readProfiles(['shipped:t4/resnet50-onnx-trt-fp16']);
    expect([one!.profile.model, others]).toEqual(['resnet50-onnx-trt-fp16', []]);
  });

  it('of a name that is near to one are meant to be that', async () => {
    await expect(readProfiles(['shipped:t44'])).rejects.toThrow(
      /there are no shipped profiles "t44"; write shipped:t4/,
    );
    await expect(readProfiles(['shipped:t4/resnet50-onnx-trt-fp61'])).rejects.toThrow(
      /shipped:t4 has no profile "resnet50-onnx-trt-fp61"; write shipped:t4\/resnet50-onnx-trt-fp16/,
    );
  });

  it('of any other name are listed where the scenario names them', async () => {
    await expect(loadScenario(scenario('unknown.yaml', '"shipped:seventy"'))).rejects.toThrow(
      /unknown\.yaml:5:12: profiles\[0\]: there are no shipped profiles "seventy"; write one of shipped:a100-80gb, .*shipped:t4/,
    );
    await expect(readProfiles(['shipped:../t4'])).rejects.toThrow(/there are no shipped profiles "\.\."/);
  });

  it('keep their name wherever a file that names them is written', async () => {
    expect(rebasedPath('shipped:t4', folder, '/elsewhere')).toBe('shipped:t4');
    expect(placeOfNamed('shipped:t4', folder)).toBe('shipped:t4');
    mkdirSync(join(folder, 'b'));
    const filed = { profiles: ['shipped:t4'], tenants: [] };
    const [a, b] = await nameByContent(
      { folder, scenario: filed },
      { folder: join(folder, 'b'), scenario: filed },
    );
    expect(a).toEqual(filed);
    expect(b).toEqual(filed);
  });
});
