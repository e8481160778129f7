import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { calibrateCommand } from '../../src/cli/commands/calibrate.js';
import { liveCommand } from '../../src/cli/commands/live.js';
import { readServerOptions } from '../../src/cli/commands/options/server-options.js';
import { runCommand } from './in-process.js';

const GIVEN = {
  deadline: '30',
  header: undefined,
  'max-answer': 256,
  'tls-ca': undefined,
  'tls-cert': undefined,
  'tls-key': undefined,
  'tls-name': undefined,
};

it('certificates are for the addresses that ask for TLS, not for others beside them', async () => {
  const args = { ...GIVEN, 'tls-ca': 'test/fixtures/tls/authority.pem' };
  const options = await readServerOptions(args, ['grpc://plain', 'grpcs://secret']);
  expect(options.map(({ url, tls }) => [url, tls !== undefined])).toEqual([
    ['grpc://plain', false],
    ['grpcs://secret', true],
  ]);
});

it('headers are all kept, also those of the same name', async () => {
  const header = ['x-team=a', 'x-trace=1=2', 'x-team=b'];
  const [options] = await readServerOptions({ ...GIVEN, header }, ['here']);
  expect(options!.metadata).toEqual({ 'x-team': ['a', 'b'], 'x-trace': ['1=2'] });
});

it('headers may be written as curl takes them; the first = or : decides what is name and what is value', async () => {
  const header = ['Authorization: Bearer a=b:c', 'x-a=b:c', 'x-b:c=d', 'x-c :  e  ', 'x-d= f', 'x-e='];
  const [options] = await readServerOptions({ ...GIVEN, header }, ['here']);
  expect(options!.metadata).toEqual({
    Authorization: ['Bearer a=b:c'],
    'x-a': ['b:c'],
    'x-b': ['c=d'],
    'x-c': ['e'],
    'x-d': [' f'],
    'x-e': [''],
  });
});

describe('what is wrong with a header is told without a word of it', () => {
  const SECRET = 's3cr3t';
  const base = ['live', 'examples/scenarios/one-tenant.yaml', '--url', 'localhost:1'];
  it.each<[string, string[], RegExp]>([
    ['no name', ['--header', SECRET], /--header: the header has no name before a = or :; write name=value/],
    ['an empty name', ['--header', `=${SECRET}`], /the header has no name/],
    ['one of several', ['--header', 'a=b', '--header', SECRET], /header 2 of 2 has no name/],
    ['a name that cannot be sent', ['--header', `Basic ${SECRET}=`], /the name of the header cannot be sent/],
    ['a value that cannot be sent', ['--header', `a=${SECRET}\n`], /the header "a" cannot be sent/],
    ['no quotes', ['--header', 'Authorization:', 'Bearer', SECRET], /ends before its value; .*in quotes/],
    ['no quotes after the colon', ['--header', 'Authorization:Bearer', SECRET], /ends before its value/],
    ['no quotes and a =', ['--header', 'Authorization=Bearer', SECRET], /ends before its value/],
    [
      'no quotes and more words',
      ['--header', 'x-key=a', SECRET],
      /words too many; write each --header in quotes/,
    ],
    [
      'another option',
      ['--headers', `Authorization: Bearer ${SECRET}`],
      /no option --headers; did you mean --header/,
    ],
    ["curl's option", ['-H', `Authorization: Bearer ${SECRET}`], /no option -H/],
    ['no blank after the option', [`--headerAuthorization:${SECRET}`], /no option --headerAuthorization/],
  ])('%s', async (_, words, says) => {
    const { code, stdout, stderr } = await runCommand(liveCommand as CommandModule, [...base, ...words]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(SECRET);
  });

  it('a password before the host', async () => {
    for (const url of [`grpc://alice:${SECRET}@host:1`, `alice:${SECRET}@host`]) {
      const told = await runCommand(liveCommand as CommandModule, [...base.slice(0, 2), '--url', url]);
      expect({ code: told.code, shown: told.stderr.includes(SECRET) }).toEqual({ code: 2, shown: false });
    }
    const words = ['calibrate', '--url', 'localhost:1', '--out', 'nowhere', '--metrics'];
    for (const url of [`http://alice:${SECRET}@host/metrics`, `http://alice:${SECRET}@host:99999/`]) {
      const told = await runCommand(calibrateCommand as CommandModule, [...words, url]);
      expect({ code: told.code, shown: told.stderr.includes(SECRET) }).toEqual({ code: 2, shown: false });
    }
  });
});

it('answers of an inference may have so many MiB', async () => {
  const [options] = await readServerOptions({ ...GIVEN, 'max-answer': 0.5 }, ['here']);
  expect(options!.maxAnswerBytes).toBe(2 ** 19);
  for (const mib of [0, -1, Number.NaN, 5000])
    await expect(readServerOptions({ ...GIVEN, 'max-answer': mib }, ['here'])).rejects.toThrow(/is no size/);
});
