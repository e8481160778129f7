import type { CommandModule } from 'yargs';

export const profileCommand: CommandModule = {
  command: 'profile',
  describe: 'What profiles say and where they may be trusted; make them of other measurements, find drift',
  builder: async (yargs) => {
    const { subcommands } = await import('./profile/subcommands.js');
    return yargs
      .command([...subcommands])
      .demandCommand(1, 'Name what to do with profiles; perseus profile --help lists it.');
  },
  handler: () => {},
};
