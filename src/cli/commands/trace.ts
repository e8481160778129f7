import type { CommandModule } from 'yargs';

export const traceCommand: CommandModule = {
  command: 'trace',
  describe: 'Make, import, describe and change traces',
  builder: async (yargs) => {
    const { subcommands } = await import('./trace/subcommands.js');
    return yargs
      .command([...subcommands])
      .demandCommand(1, 'Name what to do with a trace; perseus trace --help lists it.');
  },
  handler: () => {},
};
