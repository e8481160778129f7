import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { PROCESS_KINDS } from '../../../src/cli/commands/trace/process-kinds.js';
import { traceCommand } from '../../../src/cli/commands/trace.js';
import { readTrace } from '../../../src/node/scenario/trace-files.js';
import { generateTrace, tenantRandoms } from '../../../src/trace/synthesis/generate.js';
import { runCommand } from '../in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const run = (...words: string[]) => runCommand(traceCommand, ['trace', ...words]);
const file = (name: string, text: string) => {
  writeFileSync(at(name), text);
  return at(name);
};

const small = file(
  'small.csv',
  'arrival_us,tenant,batch_size\n0,a,1\n500000,b,4\n1000000,a,1\n1500000,a,2\n2500000,b,4\n',
);

describe('trace describe', () => {
  it('shows every tenant and the total', async () => {
    const { code, stdout } = await run('describe', small);
    expect(code).toBe(0);
    expect(stdout).toContain('5 requests of 2 tenants over 2.5 s');
    expect(stdout).toMatch(/^a +3 +4 /m);
    expect(stdout).toMatch(/^b +2 +8 /m);
    expect(stdout).toMatch(/^all tenants +5 +12 +2\.00 /m);
  });

  it('gives the same as JSON, whatever the format of the file', async () => {
    await run('convert', small, at('small.parquet'));
    const csv = JSON.parse((await run('describe', small, '--json')).stdout);
    const parquet = JSON.parse((await run('describe', at('small.parquet'), '--json')).stdout);
    expect(csv.format).toBe('perseus-trace-description/1');
    expect(csv.total.requests).toBe(5);
    expect({ ...parquet, file: '' }).toEqual({ ...csv, file: '' });
  });
});

describe('trace generate', () => {
  const poisson = ['generate', '--process', 'poisson', '--rate', '200', '--duration', '10'];

  it('draws the arrivals that a scenario draws for a tenant of that name and seed', async () => {
    await run(...poisson, '--tenant', 'a', '--seed', '7', '--out', at('one.arrow'));
    const trace = await readTrace(at('one.arrow'));
    const process = { kind: 'poisson', ratePerS: 200 } as const;
    const { random } = tenantRandoms(new RandomStreams(7), 'a');
    expect(trace.arrivalUs).toEqual(generateTrace({ tenant: 'a', process, durationS: 10, random }).arrivalUs);
    expect(trace.source).toBe('generated: poisson ratePerS=200; seed 7');
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const bytes = async (name: string, seed: string) => {
      await run(...poisson, '--seed', seed, '--out', at(name));
      return readFileSync(at(name), 'utf8').split('\n').slice(1).join('\n');
    };
    expect(await bytes('x1.csv', '3')).toBe(await bytes('x2.csv', '3'));
    expect(await bytes('x3.csv', '4')).not.toBe(await bytes('x1.csv', '3'));
  });

  it.each(Object.entries(PROCESS_KINDS))(
    'makes a trace from the listed example of %s',
    async (kind, entry) => {
      const json = JSON.stringify(entry.example);
      const { code } = await run(
        ...['generate', '--process-json', json, '--duration', '30', '--out', at(`${kind}.arrow`)],
      );
      expect(code).toBe(0);
      expect((await readTrace(at(`${kind}.arrow`))).arrivalUs.length).toBeGreaterThan(100);
    },
  );

  it('lists every kind, also as JSON', async () => {
    const { stdout } = await run('generate', '--list');
    for (const kind of Object.keys(PROCESS_KINDS))
      expect(stdout).toContain(`\n  --process-json '{"kind":"${kind}"`);
    expect(JSON.parse((await run('generate', '--list', '--json')).stdout).processes).toEqual(PROCESS_KINDS);
  });

  it('names every option that is wrong, and the process to write where a rate is not enough', async () => {
    const wrong = await run(
      ...['generate', '--process', 'gamma', '--cv', '0', '--duration', '-1', '--batch-size', '0'],
      ...['--out', at('no.csv')],
    );
    expect(wrong.code).toBe(2);
    for (const option of ['--rate', '--cv', '--duration', '--batch-size']) {
      expect(wrong.stderr).toMatch(new RegExp(`^${option}: `, 'm'));
    }
    const diurnal = await run('generate', '--process', 'diurnal', '--duration', '9', '--out', at('no.csv'));
    expect(diurnal.stderr).toContain(`--process-json '${JSON.stringify(PROCESS_KINDS.diurnal.example)}'`);
    expect(existsSync(at('no.csv'))).toBe(false);
  });

  it('refuses what would not fit into memory or would not end', async () => {
    const long = await run(
      ...['generate', '--process', 'poisson', '--rate', '1e8', '--duration', '1e6', '--out', at('no.csv')],
    );
    expect(long.stderr).toContain('1.00e+14');
    const states = '[{ratePerS: 1, meanDwellS: 0.0001}, {ratePerS: 0, meanDwellS: 0.0001}]';
    const restless = await run(
      ...['generate', '--process-json', `{kind: mmpp, states: ${states}}`, '--duration', '3e7'],
      ...['--out', at('no.csv')],
    );
    expect([long.code, restless.code]).toEqual([2, 2]);
  });
});

describe('trace import', () => {
  const functions = file(
    'day.csv',
    'app,func,end_timestamp,duration\nx,f,10,1\nx,g,11,1\ny,f,12,1\ny,g,14,2\nx,f,20,0.5\n',
  );

  it('maps sources onto as many tenants as asked for', async () => {
    const { code, stderr } = await run(
      ...['import', functions, '--from', 'azure-functions-2021', '--tenants', '2', '--by', 'block'],
      ...['--out', at('functions.csv')],
    );
    const trace = await readTrace(at('functions.csv'));
    expect(code).toBe(0);
    expect(stderr).toContain('5 requests of 2 tenants');
    expect(trace.tenants).toEqual(['tenant-1', 'tenant-2']);
    expect([...trace.tenant]).toEqual([0, 0, 1, 1, 0]);
    expect(trace.source).toContain('its 4 sources on 2 tenants by block');
  });

  it('takes options in seconds', async () => {
    const counts = file('counts.txt', '2 0 3\n1\n');
    await run(
      ...['import', counts, '--from', 'counts', '--bin', '60', '--start', '120', '--tenant', 'web'],
      ...['--out', at('counts.csv')],
    );
    const trace = await readTrace(at('counts.csv'));
    expect(trace.tenants).toEqual(['web']);
    expect([...trace.arrivalUs]).toEqual([10e6, 30e6, 50e6, 90e6]);
    expect(trace.durationUs).toBe(120e6);
  });

  it('refuses options that the importer would pass over', async () => {
    const { code, stderr } = await run(
      ...['import', functions, '--from', 'azure-functions-2021', '--bin', '1', '--spread', 'even'],
      ...['--out', at('no.csv')],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('--bin: has no meaning for azure-functions-2021');
    expect(stderr).toContain('--spread: has no meaning');
  });

  it('lists the importers with their options, and suggests one for a slip', async () => {
    const { stdout } = await run('import', '--list');
    expect(stdout).toContain('options: --tenant-by --start --end\n');
    const listed = JSON.parse((await run('import', '--list', '--json')).stdout);
    expect(listed.importers.map(({ name }: { name: string }) => name)).toContain('servegen');
    const { stderr } = await run('import', functions, '--from', 'serve-gen', '--out', at('no.csv'));
    expect(stderr).toContain('did you mean servegen?');
  });

  describe('of what Prometheus stored', () => {
    const answer = (labels: object, values: readonly number[]) => {
      const metric = { model: 'resnet', ...labels };
      const samples = values.map((value, i) => [1_700_000_000 + 15 * i, String(value)]);
      return JSON.stringify({
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric, values: samples }] },
      });
    };
    const rates = file('rates.json', answer({}, [2, 4]));
    const into = (path: string, ...words: string[]) =>
      run('import', path, ...words, '--from', 'prometheus', '--out', at('load.csv'));

    it('is taken by the counters of requests, with what they do not tell', async () => {
      const name = { __name__: 'nv_inference_request_success' };
      const counters = at('counters.json.gz');
      writeFileSync(counters, gzipSync(answer(name, [100, 107, 107, 2, 8])));
      const { code, stdout, stderr } = await into(counters, '--json');
      const trace = await readTrace(at('load.csv'));
      expect(code).toBe(0);
      expect(trace.arrivalUs.length).toBe(7 + 0 + 2 + 6);
      expect(trace.durationUs).toBe(60e6);
      expect(stderr).toContain('began again at 0: 1;');
      expect(JSON.parse(stdout).notes).toHaveLength(1);
    });

    it('is taken for what the options say, and for nothing where nobody says it', async () => {
      const rate = ['--values', 'rate', '--tenant', 'all', '--tenant-by', 'team'];
      expect((await into(rates, ...rate)).code).toBe(0);
      const trace = await readTrace(at('load.csv'));
      expect([trace.tenants, trace.arrivalUs.length]).toEqual([['all'], 60]);
      const { code, stderr } = await into(rates);
      expect(code).toBe(2);
      expect(stderr).toContain(`${rates}: data.result[0]: has no __name__`);
      expect(stderr).toContain('--values rate');
    });
  });

  it('of several files is refused', async () => {
    const { code, stderr } = await run(
      ...['import', functions, functions, '--from', 'azure-functions-2021', '--out', at('no.csv')],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('azure-functions-2021 takes one file, not 2');
    // Each trace begins at its own first request: merged, the hours of a day would lie on each other.
    expect(stderr).toContain('put the files of one log together first, such as with cat');
    expect(stderr).toContain('perseus trace merge');
  });

  it('refuses a level of tenants that the source does not have', async () => {
    const { code, stderr } = await run(
      ...['import', functions, '--from', 'azure-functions-2021', '--tenant-by', 'owner'],
      ...['--out', at('no.csv')],
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/--tenant-by: "owner" .*write function or app/);
  });

  it('says at once what is missing', async () => {
    const { code, stderr } = await run('import');
    expect(code).toBe(2);
    expect(stderr.match(/^(FILE|--from|--out): is missing/gm)).toHaveLength(3);
  });
});

describe('changing a trace', () => {
  it('scales time exactly', async () => {
    const { stdout } = await run('scale', small, '--time', '0.5', '--out', at('fast.arrow'), '--json');
    const { durationUs, requests } = JSON.parse(stdout);
    expect([...(await readTrace(at('fast.arrow'))).arrivalUs]).toEqual([0, 250e3, 500e3, 750e3, 1250e3]);
    expect({ durationUs, requests }).toEqual({ durationUs: 1_250_000, requests: 5 });
  });

  it('scales the rate by whole copies, and says what that does to bursts', async () => {
    const { stderr } = await run('scale', small, '--rate', '3', '--out', at('triple.csv'));
    const trace = await readTrace(at('triple.csv'));
    expect(trace.arrivalUs.length).toBe(15);
    expect(trace.durationUs).toBe(2_500_000);
    expect(trace.source).toBe(`${small}; rate × 3, seed 1`);
    expect(stderr).toContain('the dispersion stays about what it was');
  });

  it('thins each tenant by its own draws', async () => {
    const process = ['--process', 'poisson', '--rate', '50', '--duration', '10', '--tenant'];
    await run('generate', ...process, 'a', '--out', at('a.arrow'));
    await run('generate', ...process, 'b', '--out', at('b.arrow'));
    await run('merge', at('b.arrow'), at('a.arrow'), '--out', at('merged.arrow'));
    await run('scale', at('a.arrow'), '--rate', '0.5', '--seed', '5', '--out', at('thin.csv'));
    await run('scale', at('merged.arrow'), '--rate', '0.5', '--seed', '5', '--out', at('thin-merged.csv'));
    await run('select', at('thin-merged.csv'), '--tenants', 'a', '--out', at('thin-a.csv'));
    const [alone, together] = [await readTrace(at('thin.csv')), await readTrace(at('thin-a.csv'))];
    expect(alone.arrivalUs.length).toBeGreaterThan(150);
    expect(alone.arrivalUs.length).toBeLessThan(350);
    expect(together.arrivalUs).toEqual(alone.arrivalUs);
  });

  it('slices that meet merge in turn to the whole', async () => {
    await run('slice', small, '--end', '1', '--out', at('first.csv'));
    await run('slice', small, '--start', '1', '--out', at('rest.csv'));
    await run('merge', at('first.csv'), at('rest.csv'), '--in-turn', '--out', at('whole.csv'));
    const [whole, original] = [await readTrace(at('whole.csv')), await readTrace(small)];
    expect({ ...whole, source: '' }).toEqual({ ...original, source: '' });
    await run('slice', small, '--start', '1', '--no-rebase', '--out', at('kept.csv'));
    expect((await readTrace(at('kept.csv'))).arrivalUs[0]).toBe(1e6);
  });

  it('merges on one clock and reports the problems of all files', async () => {
    await run('merge', small, small, '--out', at('twice.csv'));
    expect((await readTrace(at('twice.csv'))).arrivalUs.length).toBe(10);
    const { code, stderr } = await run(
      'merge',
      at('absent.csv'),
      small,
      at('none.arrow'),
      '--out',
      at('no.csv'),
    );
    expect(code).toBe(2);
    expect(stderr.match(/there is no such file/g)).toHaveLength(2);
  });

  it('writes no name that it would not read again', async () => {
    const { code, stderr } = await run('rename', small, 'a=\ufeffa', '--out', at('marked.csv'));
    expect(code).toBe(2);
    expect(stderr).toContain('begins with a byte order mark');
    expect(existsSync(at('marked.csv'))).toBe(false);
  });

  it('maps, renames and selects tenants', async () => {
    await run('rename', small, 'a=resnet', 'b=a=b', '--out', at('renamed.csv'));
    expect((await readTrace(at('renamed.csv'))).tenants).toEqual(['resnet', 'a=b']);
    await run('map', small, '--tenants', 'x', '--out', at('mapped.csv'));
    expect((await readTrace(at('mapped.csv'))).tenants).toEqual(['x']);
    await run('select', small, '--tenants', 'b', '--out', at('selected.csv'));
    expect([...(await readTrace(at('selected.csv'))).arrivalUs]).toEqual([500e3, 2500e3]);
    const { stderr } = await run('rename', small, 'a', '=b', 'c=d', 'c=e', '--out', at('no.csv'));
    expect(stderr.match(/write OLD=NEW/g)).toHaveLength(2);
    expect(stderr).toContain('"c" is given two names');
  });

  it('converts between all formats without a change', async () => {
    const names = ['t.arrow', 't.parquet', 't.csv', 't.jsonl', 't.csv.gz', 't.jsonl.gz'];
    let from = small;
    for (const name of names) {
      expect((await run('convert', from, at(name))).code).toBe(0);
      from = at(name);
    }
    expect(await readTrace(from)).toEqual(await readTrace(small));
  });

  it('sorts rows and names the tenant on request only', async () => {
    const unsorted = file('unsorted.csv', 'arrival_us\n5\n3\n');
    expect((await run('convert', unsorted, at('no.csv'))).code).toBe(2);
    await run('convert', unsorted, at('sorted.csv'), '--sort', '--tenant', 'web');
    const trace = await readTrace(at('sorted.csv'));
    expect({ tenants: trace.tenants, arrivals: [...trace.arrivalUs] }).toEqual({
      tenants: ['web'],
      arrivals: [3, 5],
    });
  });
});

it('a trace without a request is written, and said to be empty', async () => {
  const empty = file('head.csv', 'timestamp,model\n');
  for (const words of [
    ['slice', small, '--start', '1000', '--out', at('later.csv')],
    ['import', empty, '--from', 'table', '--tenant-column', 'model', '--out', at('none.arrow')],
  ]) {
    const { code, stderr } = await run(...words);
    expect(code).toBe(0);
    expect(stderr).toContain('no request is in it; check the file, the times and the tenants that you name');
    expect(stderr).not.toContain('undefined');
  }
});

describe('mistakes of several kinds', () => {
  const place = at('small.csv/out.txt');

  it.each([
    ['select', ['select', at('none.csv'), '--tenants', 'a,,b', '--out', place], 4],
    ['scale', ['scale', at('none.csv'), '--rate', '1e9', '--out', place], 4],
    ['rename', ['rename', at('none.csv'), 'a', '--out', place], 4],
    ['slice', ['slice', at('none.csv'), '--out', place], 3],
    ['merge', ['merge', at('none.csv'), at('nil.csv'), '--out', place], 4],
    ['generate', ['generate', '--process', 'poisson', '--rate', '-1', '--duration', '1', '--out', place], 3],
  ])('of %s are told at once', async (_, words, count) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(`perseus: ${count} problems; nothing was written`);
  });
});

describe('mistakes', () => {
  const counts = file('five.txt', '2\n3\n');
  it.each([
    [
      'a factor that is no number',
      ['scale', small, '--rate', 'fast', '--out', at('no.csv')],
      /--rate: ".*" is not a number/,
    ],
    ['an option without its value', ['scale', small, '--rate', '2', '--out'], /--out: has no value/],
    [
      'an option given twice',
      ['scale', small, '--rate', '1', '--rate', '0', '--out', at('no.csv')],
      /--rate: is given more/,
    ],
    [
      'both ways to scale',
      ['scale', small, '--rate', '2', '--time', '2', '--out', at('no.csv')],
      /give one of the two/,
    ],
    [
      'a negative rate',
      ['scale', small, '--rate', '-2', '--out', at('no.csv')],
      /^--rate: -2 is out of range; write 0 to 100000/,
    ],
    [
      'a rate out of all proportion',
      ['scale', small, '--rate', '1e12', '--out', at('no.csv')],
      /^--rate: 1000000000000 is out of range; write 0 to 100000/,
    ],
    [
      'time that stands still',
      ['scale', small, '--time', '0', '--out', at('no.csv')],
      /^--time: 0 is out of range; write more than 0/,
    ],
    [
      'a slice from before the start',
      ['slice', small, '--start', '-1', '--out', at('no.csv')],
      /^--start: "-1" is no length of time/,
    ],
    [
      'intervals and requests below zero',
      ['import', counts, '--from', 'counts', '--bin', '-1', '--max-requests', '0', '--out', at('no.csv')],
      /^--bin: "-1" is no length of time.*\n--max-requests: 0 is out of range; write 1 or more/m,
    ],
    [
      'options of a rate that is not changed',
      ['scale', small, '--time', '2', '--seed', '7', '--out', at('no.csv')],
      /--seed: is of no use with --time/,
    ],
    [
      'a way to deal out to nobody',
      ['import', counts, '--from', 'counts', '--by', 'block', '--out', at('no.csv')],
      /^--by: is of no use without --tenants/,
    ],
    [
      'a trace that would outlast all time',
      ['scale', small, '--time', '1e15', '--out', at('no.csv')],
      /longer than can be counted in microseconds; give less/,
    ],
    [
      'a slice that ends before it begins',
      ['slice', small, '--start', '2', '--end', '1', '--out', at('no.csv')],
      /--end: 1 leaves nothing; write more than --start/,
    ],
    [
      'an import of a part that ends before it begins',
      ['import', counts, '--from', 'counts', '--start', '2', '--end', '1', '--out', at('no.csv')],
      /--end: 1 leaves nothing; write more than --start/,
    ],
    [
      'a row that is cut off',
      [
        'import',
        file('cut.csv', 'timestamp,model\n2024-01-01T00:00:00Z\n'),
        '--from',
        'table',
        '--out',
        at('no.csv'),
      ],
      /cut\.csv:2: 1 cell where the header has 2; write one for each column/,
    ],
    [
      'an import of more requests than it may make',
      ['import', counts, '--from', 'counts', '--max-requests', '4', '--out', at('no.csv')],
      /more than 4 requests.*--start, --end.*--max-requests/,
    ],
    ['no tenant to map onto', ['map', small, '--tenants', '0', '--out', at('no.csv')], /write 1 to/],
    ['an unknown tenant', ['select', small, '--tenants', 'a,z', '--out', at('no.csv')], /no tenant "z"/],
    ['an unknown format', ['convert', small, at('no.xlsx')], /end it in \.arrow/],
    ['a folder that is a file', ['convert', small, at('small.csv/no.csv')], /small\.csv is no folder/],
    [
      'an option nobody knows',
      ['describe', small, '--jsn'],
      /there is no option --jsn; did you mean --json\?/,
    ],
    ['a command nobody knows', ['decsribe', small], /decsribe/],
  ])('%s: exit code 2, one line, nothing written', async (_, words, message) => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(readdirSync(folder)).toEqual(before);
  });
});
