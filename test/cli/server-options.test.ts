import { expect, it } from 'vitest';
import { readServerOptions } from '../../src/cli/commands/server-options.js';

it('certificates are for the addresses that ask for TLS, not for others beside them', async () => {
  const args = {
    deadline: 30,
    header: undefined,
    'tls-ca': 'test/fixtures/tls/authority.pem',
    'tls-cert': undefined,
    'tls-key': undefined,
    'tls-name': undefined,
  };
  const options = await readServerOptions(args, ['grpc://plain', 'grpcs://secret']);
  expect(options.map(({ url, tls }) => [url, tls !== undefined])).toEqual([
    ['grpc://plain', false],
    ['grpcs://secret', true],
  ]);
});
