import { command } from '../../command.js';
import { printResult, textOptions } from '../../output.js';

export const showCommand = command({
  command: 'show [profiles..]',
  describe: 'What a profile says and where it may be trusted; of several, a line each',
  builder: (yargs) =>
    yargs
      .positional('profiles', {
        type: 'string',
        array: true,
        describe: 'Files, folders, or MODEL@DEVICE of a shipped profile; default: all that are shipped',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .example('$0 profile show', 'the shipped profiles')
      .example('$0 profile show "resnet50-onnx-trt-fp16@Tesla T4"', 'one of them in full')
      .example('$0 profile show calibration/a30', 'those of a folder'),
  handler: async ({ profiles = [], json }) => {
    const { findProfiles } = await import('./find-profiles.js');
    const { describeProfile } = await import('../../../profile/describe.js');
    const { profilesToJson, profilesToText } = await import('../../../report/profile-text.js');
    const found = await findProfiles(profiles);
    const described = found.map(({ file, profile }) => ({ file, description: describeProfile(profile) }));
    await printResult(json ? profilesToJson(described) : profilesToText(described, textOptions()));
  },
});
