import { InputError } from '../../../base/problem.js';
import { command } from '../../command.js';
import { printResult, textOptions } from '../../output.js';

export const checkCommand = command({
  command: 'check <files..>',
  describe: 'Every mistake in profile files at once, and what is odd or not known in valid ones',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Files, folders of *.profile.json, or patterns with * and **',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON, also of invalid files' })
      .example('$0 profile check calibration', 'all below a folder')
      .example('$0 profile check "calibration/*/resnet50*.profile.json"', 'all that match'),
  handler: async ({ files, json }) => {
    const { profileCheckToJson, profileCheckToText } = await import('../../../report/profile-text.js');
    try {
      const checked = await check(files);
      await printResult(
        json ? profileCheckToJson(checked, []) : profileCheckToText(checked, textOptions().width),
      );
    } catch (error) {
      // Programs that asked for JSON get the problems as JSON too; people read them on stderr.
      if (json && error instanceof InputError) await printResult(profileCheckToJson([], error.problems));
      throw error;
    }
  },
});

async function check(files: readonly string[]) {
  const { readProfiles } = await import('../../../node/scenario/profile-files.js');
  const { inspectProfile } = await import('../../../profile/inspect.js');
  return (await readProfiles(files)).map(({ file, profile }) => ({
    file,
    name: `${profile.model}@${profile.device}`,
    remarks: inspectProfile(profile),
  }));
}
