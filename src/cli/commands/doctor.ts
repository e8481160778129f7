import type { Need } from '../../node/here/doctor.js';
import { command } from '../command.js';
import { printJson, printResult, textOptions } from '../output.js';

export const doctorCommand = command({
  command: 'doctor',
  describe: 'What live parts need, and how to get it',
  builder: (yargs) =>
    yargs
      .option('url', { type: 'string', default: 'localhost:8001', describe: 'gRPC address of a Triton' })
      .option('redis', { type: 'string', default: 'localhost:6379', describe: 'Address of a Redis' })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .example('$0 doctor', 'this machine')
      .example('$0 doctor --url triton.example:8001', 'and a server elsewhere')
      .epilogue('Simulating, comparing, sweeping on one machine and planning need none of it.'),
  handler: async ({ url, redis, json }) => {
    const { examine } = await import('../../node/here/doctor.js');
    const needs = await examine({ triton: url, redis });
    if (json) await printJson({ format: 'perseus-doctor/1', needs }, ['format', 'name']);
    else await printResult(await textOf(needs));
  },
});

/** As wide as what stands before a name. */
const INDENT = ' '.repeat('missing  '.length);

async function textOf(needs: readonly Need[]): Promise<string> {
  const { wrap } = await import('../../report/text/width.js');
  const { width } = textOptions();
  const lines = needs.flatMap(({ name, isThere, found, neededBy, remedy }) => [
    ...wrap(`${isThere ? 'ok      ' : 'missing '} ${name}: ${found}; for ${neededBy}`, width, INDENT),
    ...(remedy === undefined ? [] : wrap(remedy, width - INDENT.length).map((line) => INDENT + line)),
  ]);
  return ['Simulating needs none of this.', ...lines].map((line) => `${line}\n`).join('');
}
