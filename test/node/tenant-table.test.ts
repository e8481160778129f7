import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { readBaseScenario } from '../../src/node/sweep/base-scenario.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { profile, scenarioText } from '../scenario/fixtures.js';

let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'perseus-tenants-'));
  mkdirSync(path('profiles'));
  writeFileSync(path('profiles/resnet.profile.json'), serializeProfile(profile('resnet', 'Tesla P4')));
  writeFileSync(path('s.yaml'), scenarioText({ top: 'tenantsFile: t.csv' }));
});

afterAll(() => rmSync(folder, { recursive: true }));

function load(table: string) {
  writeFileSync(path('t.csv'), table);
  return loadScenario(path('s.yaml'));
}

async function problems(table: string): Promise<string> {
  const error = await load(table).then(
    () => undefined,
    (reason: Error) => reason,
  );
  return error!.message.replaceAll(`${folder}/`, '');
}

describe('a table of tenants', () => {
  it('adds a tenant for each row, whose columns are fields by their path, after those of the file', async () => {
    const { scenario } = await load(
      [
        '# who pays',
        'name,model,ratePerS,load.closedLoop.concurrency,slo.percentile,slo.limitMs,batchSize',
        '007,resnet,20,,99,50,2',
        '"b, c",resnet,,3,,,',
      ].join('\r\n'),
    );
    const [first, second, third] = scenario.tenants;
    expect(scenario.tenants).toHaveLength(3);
    expect(first!.name).toBe('search');
    expect(second).toMatchObject({ name: '007', batchSize: 2, slo: { percentile: 99, limitMs: 50 } });
    expect(second!.load.mode).toBe('open');
    expect(third).toMatchObject({ name: 'b, c', batchSize: 1, load: { mode: 'closed', concurrency: 3 } });
    expect(third!.slo).toBeUndefined();
  });

  it('stands for the tenants of a file that has none, and makes the same run as a file that lists them', async () => {
    const listed = Array.from(
      { length: 3 },
      (_, i) => `- {name: t${i}, model: resnet, load: {process: {kind: poisson, ratePerS: ${i + 5}}}}`,
    );
    writeFileSync(path('listed.yaml'), scenarioText({ tenants: listed.join('\n  ') }));
    const { report: expected } = await runScenario(path('listed.yaml'));
    const [head] = scenarioText({ top: 'tenantsFile: t.csv' }).split('tenants:\n');
    writeFileSync(path('table.yaml'), head!);
    writeFileSync(path('t.csv'), 'name,model,ratePerS\nt0,resnet,5\nt1,resnet,6\nt2,resnet,7\n');
    const { report } = await runScenario(path('table.yaml'));
    expect(report.summary).toEqual(expected.summary);
  });

  it('is told wrong with its line and column, all mistakes at once', async () => {
    expect(
      await problems('name,model,ratePerS,slo.limitMs\na,resnet,-1,5\nb,resnt,1,\nc,resnet,x,\nd,resnet\n'),
    ).toMatchInlineSnapshot(`
      "t.csv:2: slo.percentile: missing; write a number
      t.csv:2:10: ratePerS: -1 is out of range; write more than 0
      t.csv:3:3: model: no server serves a model "resnt"; did you mean "resnet"?
      t.csv:4:10: ratePerS: the text "x" is not allowed here; write a number
      t.csv:5: there are 2 cells, the header has 4; write a cell for each column"
    `);
  });

  it.each([
    ['name,model,rate\na,resnet,1\n', '"rate" is no field of a tenant'],
    ['name,model,ratePerS\na,resnet,\n', 't.csv:2:10: ratePerS: missing; write it in this row'],
    ['name,ratePerS\na,1\n', 'there is no column model'],
    ['name,model,ratePerS,ratePerS\na,resnet,1,1\n', 'the column ratePerS is there twice'],
    ['name,model,ratePerS\n', 'there is no tenant in it'],
    ['name,model,ratePerS\na,resnet,1\nsearch,resnet,1\n', 't.csv:3:1'],
    ['name,model,ratePerS\na,other,1\n', 't.csv:2:3'],
    ['name,model,__proto__.x\na,resnet,1\n', '"__proto__.x" is no field'],
  ])('%j is refused: %s', async (table, what) => {
    expect(await problems(table)).toContain(what);
  });

  it('that is not there is a mistake of the scenario', async () => {
    rmSync(path('t.csv'));
    await expect(loadScenario(path('s.yaml'))).rejects.toThrow(/s\.yaml:5:1.*tenantsFile.*t\.csv/);
  });

  it('is part of the scenario that a sweep changes', async () => {
    writeFileSync(path('t.csv'), 'name,model,ratePerS\nt0,resnet,5\n');
    const { document } = await readBaseScenario(path('s.yaml'), {});
    const names = (document['tenants'] as { name: string }[]).map(({ name }) => name);
    expect([names, Object.hasOwn(document, 'tenantsFile')]).toEqual([['search', 't0'], false]);
  });
});
