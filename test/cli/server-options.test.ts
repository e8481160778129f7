import { expect, it } from 'vitest';
import { readServerOptions } from '../../src/cli/commands/server-options.js';

const GIVEN = {
  deadline: 30,
  header: undefined,
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
