import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { explainTenant } from '../../src/report/explain-tenant.js';

const CHAT = resolve('examples/scenarios/models/chat/chat.profile.json');
const folder = mkdtempSync(join(tmpdir(), 'perseus-explain-'));

/** Causes of the slow requests of tenant t, in a scenario of one server. */
async function causesOf(server: string, tenants: string): Promise<readonly { code: string; text: string }[]> {
  const head = `perseus: 1\nname: test\ndurationS: 10\nprofiles: ["shipped:t4", "${CHAT}"]\n`;
  const file = join(folder, 'test.yaml');
  writeFileSync(file, `${head}servers:\n  - name: s\n${server}tenants:\n${tenants}`);
  const { scenario } = await loadScenario(file);
  return explainTenant(scenario, 't').explanation.causes;
}

const GPU = '    devices: [{name: gpu0, kind: Tesla T4}]\n';
const python = (name: string, ownMs: number, more = '', calls = '') =>
  `      - {name: ${name}, calls: [{ownMs: ${ownMs}}${calls}], config: {backend: python, max_batch_size: 0, instance_group: [{kind: KIND_CPU, count: 4}]${more}}}\n`;
const tenant = (model: string, load: string, more = '') =>
  `  - {name: t, model: ${model}, load: {process: {${load}}}, slo: {percentile: 95, limitMs: 10}${more}}\n`;
const ENSEMBLE = (more = '') =>
  `      - {name: both, config: {platform: ensemble, max_batch_size: 0, input: [{name: I, data_type: TYPE_FP32, dims: [1]}], output: [{name: O, data_type: TYPE_FP32, dims: [1]}], ensemble_scheduling: {${more}step: [{model_name: a, model_version: -1, input_map: {X: I}, output_map: {Y: m}}, {model_name: b, model_version: -1, input_map: {X: m}, output_map: {Y: O}}]}}}\n`;

it.each([
  [
    'model-loads',
    `${GPU}    modelCache: {memoryMb: 4000}\n    models:\n${['net', 'other']
      .map(
        (name) =>
          `      - {name: ${name}, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 8}, loadMs: 500, memoryMb: 3000}\n`,
      )
      .join('')}`,
    `${tenant('net', 'kind: poisson, ratePerS: 5')}  - {name: u, model: other, load: {process: {kind: poisson, ratePerS: 5}}}\n`,
  ],
  [
    'rate-limiter',
    `${GPU}    triton: {rateLimit: execution_count}\n    models:\n${['net', 'other']
      .map(
        (name) =>
          `      - {name: ${name}, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 1, instance_group: [{count: 2, rate_limiter: {resources: [{name: R, count: 1}]}}]}}\n`,
      )
      .join('')}`,
    `${tenant('net', 'kind: poisson, ratePerS: 200')}  - {name: u, model: other, load: {process: {kind: poisson, ratePerS: 100}}}\n`,
  ],
  [
    'shared-streams',
    `    models:\n${python('fast', 1)}${python('front', 1, '', ', {call: fast}, {call: slow, probability: 0.03}')}${python('slow', 100)}`,
    tenant('front', 'kind: poisson, ratePerS: 15', ', sharedStreams: 1'),
  ],
  [
    'small-cache',
    `${GPU}    triton: {cache: {sizeMb: 0.05}}\n    models:\n      - {name: net, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 1, response_cache: {enable: true}}}\n`,
    tenant('net', 'kind: poisson, ratePerS: 400', ', contents: {objects: 100}'),
  ],
  [
    'cache-work',
    `${GPU}    triton: {cache: {sizeMb: 64, lookUpUs: 5000}}\n    models:\n      - {name: net, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 1, response_cache: {enable: true}}}\n`,
    tenant('net', 'kind: poisson, ratePerS: 150', ', contents: {objects: 10}'),
  ],
  [
    'kv-cache',
    `${GPU}    models:\n      - {name: chat, engine: {kvTokens: 600}, config: {backend: vllm, instance_group: [{kind: KIND_MODEL}]}}\n`,
    tenant('chat', 'kind: poisson, ratePerS: 1', ', tokens: {prompt: {mean: 200}, output: {mean: 100}}'),
  ],
  [
    'in-flight-limit',
    `    triton: {version: "26.04"}\n    models:\n${ENSEMBLE('max_inflight_requests: 1, ')}${python('a', 1)}${python('b', 20)}`,
    tenant('both', 'kind: poisson, ratePerS: 40'),
  ],
  [
    'hand-overs',
    `    triton: {ensembleStepUs: 5000}\n    models:\n${ENSEMBLE()}${python('a', 1)}${python('b', 1)}`,
    tenant('both', 'kind: poisson, ratePerS: 40'),
  ],
] as const)('explain names %s, and what p95 would be without', async (code, server, tenants) => {
  const cause = (await causesOf(server, tenants)).find((each) => each.code === code);
  expect(cause).toMatchObject({
    confirmed: true,
    text: expect.stringMatching(/p95 would be .* instead of /),
  });
});

it('explain looks at the first responses of streams where only they are late', async () => {
  const chat = `      - {name: chat, engine: {kvTokens: 600}, config: {backend: vllm, instance_group: [{kind: KIND_MODEL}]}}\n`;
  const server = `${GPU}    models:\n${chat}`;
  const tokens = 'tokens: {prompt: {mean: 200}, output: {mean: 100}}';
  const slo = 'slo: {percentile: 95, limitMs: 100000, firstResponseMs: 300}';
  const load = 'load: {process: {kind: poisson, ratePerS: 0.8}}';
  const causes = await causesOf(server, `  - {name: t, model: chat, ${load}, ${slo}, ${tokens}}\n`);
  const cause = causes.find(({ code }) => code === 'kv-cache');
  expect(cause?.text).toMatch(/p95 to the first response would be .* instead of /);
});
