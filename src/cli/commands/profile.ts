import type { CommandModule } from 'yargs';

export const profileCommand: CommandModule = {
  command: 'profile',
  describe: 'Show, check, import and compare profiles',
  builder: async (yargs) => {
    const { subcommands } = await import('./profile/subcommands.js');
    return yargs
      .command([...subcommands])
      .demandCommand(1, 'Name what to do with profiles; perseus profile --help lists it.');
  },
  handler: () => {},
};
