import { afterAll, beforeAll, expect, it } from 'vitest';
import { SAMPLE_MODELS } from '../scripts/triton/sample-models.js';
import { describeLive, startTriton, type TestTriton } from './live/support/triton.js';
import { live, perseus, URL_OF_SERVER } from './support/guide.js';

const HTTP_URL = 'http://localhost:8000';

describeLive('the README and the pages under docs, against a real Triton', () => {
  let server: TestTriton;

  beforeAll(async () => {
    server = await startTriton({ models: SAMPLE_MODELS.filter(({ name }) => name === 'sleep_small') });
  });

  afterAll(() => server.stop());

  it.each(live)(
    '%s works',
    async (command) => {
      // Ports of tests are their own; a verdict out of tolerance (exit code 1) on a busy machine is an answer too.
      const here = command.replace(URL_OF_SERVER, server.url).replace(HTTP_URL, server.httpUrl);
      const output = await perseus(here, [0, command.includes('validate') ? 1 : 0]);
      expect(output).not.toBe('');
    },
    180_000,
  );
});
