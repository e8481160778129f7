import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { calibrateCommand, commandWith } from '../../src/cli/commands/calibrate.js';
import { liveCommand } from '../../src/cli/commands/live.js';
import { validateCommand } from '../../src/cli/commands/validate.js';
import { startPerseus } from '../live/support/perseus-process.js';
import { IS_SLOW, someOf } from '../support/cases.js';
import { type MemoryTriton, startMemoryTriton } from '../support/memory-triton.js';
import { runCommand } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, folder, path, write } = smallScenario();
/** What cannot be used is told before anybody is asked: nobody answers there. */
const NOBODY = '127.0.0.1:1';

const COMMANDS: Readonly<Record<string, unknown>> = {
  calibrate: calibrateCommand,
  live: liveCommand,
  validate: validateCommand,
};

function perseus(line: string) {
  const words = line.split(' ');
  return runCommand(COMMANDS[words[0]!] as CommandModule, words);
}

describe('everything that is wrong in a command line is told at once, before any server is asked:', () => {
  const server = '--url http://here --header a --deadline -3 --tls-ca /nowhere/ca.pem';
  const ofServer = [
    '--url: "http://here"',
    '--header: the header has no name',
    '--deadline: "-3"',
    '/nowhere/ca.pem: ',
  ];

  it.each([
    [
      `calibrate ${server} --models a,,b --budget soon --max-batch 0 --metrics page --input /nowhere.json --input m=/nowhere.bin --shape x --out /dev/null`,
      [
        ...ofServer,
        '--models: "a,,b"',
        '--budget: "soon"',
        '--max-batch: 0',
        '--metrics: "page"',
        '/nowhere.json: ',
        '/nowhere.bin: ',
        '--shape: "x"',
        '--out: /dev/null is no folder',
      ],
    ],
    [
      `live ${file} ${server} --duration -1 --threads 0 --log ${path('log.txt')}`,
      [...ofServer, '--duration: "-1"', '--threads: 0', `${path('log.txt')}: `],
    ],
    [
      `validate ${file} ${server} --repeats 0 --runs 0.5 --tolerance p99 --tolerance speed=3 --tolerance toString=3 --html ${folder}`,
      [
        ...ofServer,
        '--repeats: 0',
        '--runs: 0.5',
        '--tolerance: "p99"',
        '--tolerance: "speed=3"',
        '--tolerance: "toString=3"',
        `--html: ${folder} is a folder`,
      ],
    ],
  ])('%s', async (line, problems) => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await perseus(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.pop()).toBe(`perseus: ${problems.length} problems; nothing was written`);
    for (const problem of problems) {
      const found = lines.filter((each) => each.startsWith(problem));
      expect({ problem, found }).toEqual({ problem, found: [expect.stringMatching(/; \S/)] });
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  it('mistakes in the scenario beside those in the options', async () => {
    const broken = write(
      'broken.yaml',
      scenarioText().replace('durationS: 4', 'durationS: -4').replace('percentile: 99', 'percentil: 99'),
    );
    const { code, stderr } = await perseus(`live ${broken} --url ${NOBODY} --threads 0 --warm-up -1`);
    expect(code).toBe(2);
    for (const word of ['durationS', 'percentil', '--threads', '--warm-up']) expect(stderr).toContain(word);
  });

  it.each(['localhost:8001', 'grpc://localhost:8001'])(
    'files for TLS where the address asks for plain text: %s',
    async (url) => {
      const tls = '--tls-ca test/fixtures/tls/authority.pem --tls-name triton';
      const { code, stderr } = await perseus(`live ${file} --url ${url} ${tls}`);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^--tls-ca: .*grpcs:.*\n--tls-name: .*grpcs:/);
    },
  );

  it('a deadline that no timer keeps', async () => {
    const { code, stderr } = await perseus(`live ${file} --url ${NOBODY} --deadline 3000000`);
    expect(code).toBe(2);
    expect(stderr).toContain('--deadline: 3000000 is too long; write at most 24h');
  });

  it('a number of addresses that is not that of the servers', async () => {
    const { code, stderr } = await perseus(`live --url ${NOBODY} --url ${NOBODY} ${file}`);
    expect(code).toBe(2);
    expect(stderr).toContain('--url: 2 addresses for the 1 server of the scenario; give one --url for each');
  });

  it('a number of HTTP addresses that is not that of the servers to which the scenario speaks HTTP', async () => {
    const overHttp = write(
      'http.yaml',
      scenarioText().replace('models:', 'triton: {protocol: http}\n    models:'),
    );
    const none = await perseus(`live --url ${NOBODY} ${overHttp}`);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/--http-url: 0 addresses for the 1 server .*; give one --http-url for each/);
    const needless = await perseus(`live --url ${NOBODY} --http-url localhost:8000 ${file}`);
    expect(needless.code).toBe(2);
    expect(needless.stderr).toContain('--http-url: 1 address for the 0 servers');
    const secure = await perseus(`live --url ${NOBODY} --http-url https://localhost:8000 ${overHttp}`);
    expect(secure.stderr).toContain('--http-url: "https://localhost:8000" is no address of plain HTTP');
  });

  it('different shapes for one model, which live requests do not have, where its batches depend on them', async () => {
    const shaped = (dims: string) =>
      write(
        'shapes.yaml',
        scenarioText()
          .replaceAll('model: dogs', 'model: cats\n    shape: 2')
          .replaceAll(
            'max_batch_size: 8,',
            `max_batch_size: 8, input: [{name: x, data_type: TYPE_FP32, dims: ${dims}}],`,
          ),
      );
    for (const command of ['live', 'validate']) {
      const { code, stderr } = await perseus(`${command} ${shaped('[-1]')} --url ${NOBODY}`);
      expect(code).toBe(2);
      expect(stderr).toContain('servers.a.models.cats: cats-people, dogs-people send it different shapes');
      const fixed = await perseus(`${command} ${shaped('[1]')} --url ${NOBODY}`);
      expect(fixed.stderr).toContain('nobody answers');
    }
  });

  it('an option of one value that is given twice', async () => {
    const { code, stderr } = await perseus(`calibrate --url ${NOBODY} --url ${NOBODY} --out ${path('x')}`);
    expect(code).toBe(2);
    expect(stderr).toContain('--url: is given more than once; keep one');
  });

  it('every option that is missing', async () => {
    const { code, stderr } = await perseus('calibrate --json');
    expect(code).toBe(2);
    expect(stderr).toContain('perseus calibrate needs --url and --out');
  });
});

describe('models that a server does not serve', () => {
  let triton: MemoryTriton;
  beforeAll(async () => {
    triton = await startMemoryTriton({ models: { birds: {}, asleep: { isReady: false } } });
  });
  afterAll(() => triton.stop());

  it('are all named, in a scenario and in a list', async () => {
    const live = await perseus(`live ${file} --url ${triton.url}`);
    const calibrate = await perseus(
      `calibrate --models cats,dogs --url ${triton.url} --out ${path('never')}`,
    );
    for (const { code, stderr } of [live, calibrate]) {
      expect(code).toBe(2);
      for (const model of ['cats', 'dogs']) expect(stderr).toMatch(`has no model "${model}"; ready there: `);
    }
    expect(existsSync(path('never'))).toBe(false);
  });
});

it.runIf(IS_SLOW)(
  'calibrate says at its end which probe would tell most, and the command that measures it',
  async () => {
    const triton = await startMemoryTriton({ models: { birds: { serviceMs: () => 1 } } });
    const out = path('calibrated');
    const { code, stderr } = await perseus(
      `calibrate --url ${triton.url} --out ${out} --max-batch 1 --budget 0.5s`,
    ).finally(() => triton.stop());
    expect(code).toBe(0);
    expect(stderr).toContain('most would tell: what a second instance costs (birds)');
    expect(stderr).toContain(`perseus calibrate --url ${triton.url} --out ${out} --allow-load`);
  },
);

it('the command of the next probe sends what requests held, or else measures into another folder', () => {
  const usual = { deadline: '30s', 'max-answer': 256 };
  const contents = { input: ['m=a b.json'], shape: ['m/x=3'], fill: 'random' };
  const args = { url: 'host:8001', out: 'mine/', ...usual, ...contents };
  const held = "--input 'm=a b.json' --shape 'm/x=3' --fill random";
  const command = (probe: Parameters<typeof commandWith>[1]) => commandWith(args as never, probe);
  expect(command({ options: ['--allow-load'] })).toBe(
    `perseus calibrate --url host:8001 --out mine/ ${held} --allow-load`,
  );
  expect(command({ options: ['--shape n/y=DIMENSIONS'], isAnew: true })).toBe(
    `perseus calibrate --url host:8001 --out mine-anew ${held} --shape n/y=DIMENSIONS`,
  );
});

it('the command of the next probe connects as the one before, and shows no secret', () => {
  const tls = { 'tls-ca': 'ca.pem', 'tls-cert': 'c.pem', 'tls-key': 'k.pem', 'tls-name': 'triton' };
  const header = ['authorization: Bearer secret', 'team=secret'];
  const args = { url: 'grpcs://host', out: 'mine', ...tls, header, deadline: '5s', 'max-answer': 9 };
  const command = commandWith({ ...args, fill: 'zero' } as never, { options: ['--allow-load'] });
  const connection =
    "--tls-ca ca.pem --tls-cert c.pem --tls-key k.pem --tls-name triton --header 'authorization=…' --header 'team=…'";
  expect(command).toBe(
    `perseus calibrate --url grpcs://host ${connection} --deadline 5s --max-answer 9 --out mine --allow-load`,
  );
});

it.each(someOf(['live', 'validate', 'calibrate']))(
  '%s that is stopped while it still connects says so',
  async (command) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const input = command === 'calibrate' ? ['--out', path('stopped')] : [file];
    const stopped = startPerseus([command, ...input, '--url', `127.0.0.1:${port}`]);
    await once(silent, 'connection');
    stopped.kill('SIGINT');
    expect(await stopped.ended).toEqual({
      ...{ code: 130, signal: undefined, stdout: '' },
      stderr: 'stopped before anything was measured: nothing was written\n',
    });
    silent.close();
    expect(existsSync(path('stopped'))).toBe(false);
  },
);
