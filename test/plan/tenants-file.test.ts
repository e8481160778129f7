import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { loadPlan } from '../../src/node/plan/plan-files.js';

const root = mkdtempSync(join(tmpdir(), 'perseus-plan-tenants-'));
afterAll(() => rmSync(root, { recursive: true }));

const MODEL = 'resnet50-onnx-trt-fp16';
const OWN = `tenants:
  - {name: own, model: ${MODEL}, load: {process: {kind: poisson, ratePerS: 5}}, slo: {percentile: 95, limitMs: 80}}`;

function planOf(table: string, own = '') {
  writeFileSync(join(root, 'shops.csv'), table);
  writeFileSync(
    join(root, 'plan.yaml'),
    `plan: 1
name: shops
profiles: ["shipped:t4"]
machines: [{name: t4, gpu: Tesla T4, machine: {kind: g4dn.xlarge, usdPerHour: 0.526}}]
tenantsFile: shops.csv
${own}`,
  );
  return loadPlan(join(root, 'plan.yaml'));
}

const problemsOf = async (table: string) => {
  const error = await planOf(table).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).problems.map(({ file, line, path, what }) => [file, line, path, what]);
};

it('a plan has the tenants of its table after its own', async () => {
  const table = `name,model,ratePerS,slo.percentile,slo.limitMs\nshop-1,${MODEL},12.5,99,100\nshop-2,${MODEL},3,90,250\n`;
  const names = async (own?: string) => (await planOf(table, own)).spec.tenants.map(({ name }) => name);
  expect(await names()).toEqual(['shop-1', 'shop-2']);
  expect(await names(OWN)).toEqual(['own', 'shop-1', 'shop-2']);
  const { spec } = await planOf(table);
  expect(spec.tenants[1]).toMatchObject({ model: MODEL, slo: { percentile: 90, limitMs: 250 } });
});

it('a row that says what the plan decides, or names no model of a profile, is told by its line', async () => {
  const shops = join(root, 'shops.csv');
  const table = `name,model,ratePerS,routing,sharedMemory\nshop-1,${MODEL},5,random,none\nshop-2,resnet5,5,roundRobin,system\n`;
  expect(await problemsOf(table)).toMatchObject([
    [shops, 2, 'routing', 'the plan decides it'],
    [shops, 3, 'sharedMemory', 'the plan decides it'],
    [shops, 3, 'model', expect.stringMatching(/^there is no profile of "resnet5"/)],
  ]);
});

it('a table with more tenants than a plan may have is refused', async () => {
  const rows = Array.from({ length: 2001 }, (_, i) => `shop-${i},${MODEL},0.01`);
  const problems = await problemsOf(`name,model,ratePerS\n${rows.join('\n')}\n`);
  expect(problems).toMatchObject([
    [join(root, 'plan.yaml'), 5, 'tenantsFile', 'has too many tenants: with those of the plan 2001'],
  ]);
});
