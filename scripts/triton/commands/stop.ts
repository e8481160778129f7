import type { CommandModule } from 'yargs';
import { say } from '../../support/run-script.js';
import { TritonFailure } from '../failure.js';
import { tritonFolder } from '../folders.js';
import { stopServer } from '../server.js';
import { forgetServer, runningServers, type ServerRecord } from '../server-records.js';
import { type SharedOptions, sharedOptions } from './shared-options.js';

interface StopArguments extends SharedOptions {
  readonly 'grpc-port': number | undefined;
}

export const stopCommand: CommandModule<object, StopArguments> = {
  command: 'stop',
  describe: 'Stop a server that was started with --detach',
  builder: (yargs) =>
    sharedOptions(yargs)
      .option('grpc-port', { type: 'number', describe: 'Which one, where several run' })
      .example('npm run triton -- stop', ''),
  handler: async ({ dir, 'grpc-port': port }) => {
    const folder = tritonFolder(dir);
    const server = chooseServer(runningServers(folder), port);
    if (!server) {
      say('no Triton runs');
      return;
    }
    await stopServer(server);
    forgetServer(folder, server);
    say(`stopped ${server.url}`);
  },
};

function chooseServer(servers: readonly ServerRecord[], port: number | undefined): ServerRecord | undefined {
  const chosen = servers.filter(({ ports }) => port === undefined || ports.grpc === port);
  if (chosen.length > 1) {
    const urls = chosen.map(({ url }) => url).join(', ');
    throw new TritonFailure(`several run: ${urls}; name one with --grpc-port`);
  }
  return chosen[0];
}
