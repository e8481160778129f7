import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { traceToParquet } from '../../src/node/files/parquet.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { type CarriedScenario, carry, resourcesOf } from '../../src/page/carried.js';
import { exported } from '../../src/page/export.js';
import { SCENARIO_FILE } from '../../src/page/export-names.js';
import { takeFiles } from '../../src/page/open-files.js';
import { openTables } from '../../src/page/open-tables.js';
import type { PageAnswer } from '../../src/page/page-answer.js';
import { simulateCarried } from '../../src/page/simulate-carried.js';
import { traceToArrow } from '../../src/trace/arrow/write-trace.js';
import { formatTraceCsv, parseTraceCsv } from '../../src/trace/csv.js';
import { shipped, specIn } from './shipped.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const open = await shipped('two-tenants', 1);
const { yaml, files } = exported(open);
const hashOf = ({ spec, ...files }: CarriedScenario) =>
  (simulateCarried(spec, resourcesOf(files), { version: '0' }) as PageAnswer).hash;

describe('what is saved', () => {
  it.each(['two-tenants', 'ensemble'])('gives the same result on the command line: %s', async (name) => {
    const carried = await shipped(name, 1);
    const { files } = exported(carried);
    for (const { path, text } of files) {
      mkdirSync(join(folder, name, dirname(path)), { recursive: true });
      writeFileSync(join(folder, name, path), text);
    }
    expect(files.some(({ path }) => path.endsWith('config.pbtxt'))).toBe(true);
    const loaded = await loadScenario(join(folder, name, SCENARIO_FILE));
    expect(hashOf(carry(loaded, '0'))).toBe(hashOf(carried));
  });

  it('is taken again when it is dropped, alone and with all its files', () => {
    const alone = takeFiles([{ path: 'mine.yaml', text: yaml }], open);
    expect(hashOf(alone.carried)).toBe(hashOf(open));
    const nothing = { ...open, profiles: {}, traces: {} };
    const whole = takeFiles(files, nothing);
    expect(hashOf(whole.carried)).toBe(hashOf(open));
  });
});

describe('a file that is dropped', () => {
  const config = (name: string) =>
    readFileSync(
      fileURLToPath(new URL(`../../examples/scenarios/models/${name}/config.pbtxt`, import.meta.url)),
      'utf8',
    );

  const take = async (path: string, bytes: Uint8Array) =>
    takeFiles(await openTables([{ path, text: '', bytes }]), open);

  it('is a trace in Parquet, packed as pandas, polars and DuckDB pack it', async () => {
    const trace = parseTraceCsv('arrival_us,tenant\n0,a\n500,b\n');
    const { carried } = await take('mine.parquet', traceToParquet(trace));
    expect(carried.traces['mine.parquet']).toBe(formatTraceCsv(trace));
    await expect(take('mine.parquet', new Uint8Array(9))).rejects.toThrow(
      'mine.parquet: the file cannot be read as Parquet',
    );
  });

  it('is a trace in Arrow, which gives the same result as its CSV', async () => {
    const [[file, csv]] = Object.entries(open.traces) as [[string, string]];
    const arrow = file.replace(/\.csv\.gz$/, '.arrow');
    const bytes = traceToArrow(parseTraceCsv(csv));
    const scenario = { path: 'mine.yaml', text: yaml.replaceAll(file, arrow) };
    const dropped = await openTables([scenario, { path: arrow, text: '', bytes }]);
    const { carried } = takeFiles(dropped, { ...open, traces: {} });
    expect(Object.keys(carried.traces)).toEqual([arrow]);
    expect(hashOf(carried)).toBe(hashOf(open));
    await expect(take('mine.arrow', bytes.subarray(9))).rejects.toThrow(
      'mine.arrow: the file cannot be read as Arrow IPC',
    );
  });

  it('may lie beside a scenario that does not name it, as the requests of a run do', async () => {
    const log = { path: 'run/requests.arrow', text: '', bytes: new Uint8Array(9) };
    const dropped = await openTables([{ path: 'run/mine.yaml', text: yaml }, log]);
    expect(hashOf(takeFiles(dropped, open).carried)).toBe(hashOf(open));
  });

  it('is a trace, also one that another system wrote', () => {
    const { carried, notes } = takeFiles(
      [
        { path: 'mine.csv', text: 'arrival_us\n0\n500\n' },
        { path: 'gateway.csv', text: 'timestamp,path\n2024-01-01T00:00:00Z,/a\n2024-01-01T00:00:01Z,/b\n' },
      ],
      open,
    );
    expect(Object.keys(carried.traces)).toEqual([...Object.keys(open.traces), 'mine.csv', 'gateway.csv']);
    expect(notes).toEqual([
      'mine.csv: taken as a trace; choose it as the arrivals of a tenant',
      'gateway.csv: taken as a trace; choose it as the arrivals of a tenant',
    ]);
    expect(carried.spec).toBe(open.spec);
  });

  it('is a profile, which takes the place of that of the same model', () => {
    const [first] = Object.values(open.profiles).flat();
    const slow = {
      ...first!.profile,
      service: first!.profile.service.map((point) => ({ ...point, inferMs: 2 * point.inferMs })),
    };
    const { carried } = takeFiles([{ path: 'slow.profile.json', text: JSON.stringify(slow) }], open);
    expect(Object.values(carried.profiles).flat().length).toBe(Object.values(open.profiles).flat().length);
    expect(hashOf(carried)).not.toBe(hashOf(open));
  });

  it('is a configuration of a model that is there', () => {
    const text = 'max_batch_size: 4\ninstance_group [{ count: 2, kind: KIND_GPU }]';
    const { carried } = takeFiles([{ path: 'resnet50/config.pbtxt', text }], open);
    const model = specIn(carried).servers[0]!.models.find(({ name }) => name === 'resnet50');
    expect(model!.config).toMatchObject({ max_batch_size: 4 });
    expect(() => takeFiles([{ path: 'config.pbtxt', text: `name: "bert"\n${text}` }], open)).toThrow(
      /no model "bert"/,
    );
  });

  it('is a model repository, of which a first scenario is made', () => {
    const names = ['resnet50', 'bert'];
    const files = names.flatMap((name) => [
      { path: `models/${name}/config.pbtxt`, text: config(name) },
      { path: `models/${name}/1/model.onnx`, text: '' },
    ]);
    const { carried, notes } = takeFiles(files, open);
    expect(
      specIn(carried)
        .servers[0]!.models.map(({ name }) => name)
        .sort(),
    ).toEqual([...names].sort());
    expect(hashOf(carried)).toMatch(/^[0-9a-f]{14}$/);
    expect(notes.join()).toContain('placeholders');
  });

  it.each<[string, { path: string; text: string }[], RegExp]>([
    ['nothing known', [{ path: 'a.png', text: '' }], /a\.png: nothing that the page can take/],
    ['a broken trace', [{ path: 'a.csv', text: 'arrival_us\nx\n' }], /a\.csv:2/],
    ['a broken scenario', [{ path: 'a.yaml', text: 'perseus: 1\n' }], /a\.yaml/],
    [
      'two scenarios',
      [
        { path: 'a.yaml', text: 'perseus: 1' },
        { path: 'b.yaml', text: 'perseus: 1' },
      ],
      /b\.yaml: a second scenario/,
    ],
    [
      'a scenario without its files',
      [{ path: 'a.yaml', text: yaml.replaceAll('calibration', 'lost') }],
      /lost\S* is not here/,
    ],
  ])('is refused with its problem where it is %s', (_case, files, problem) => {
    expect(() => takeFiles(files, open)).toThrow(problem);
  });
});
