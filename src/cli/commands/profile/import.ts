import type { CommandModule } from 'yargs';
import { fileNameOf } from '../../../base/file-name.js';
import { given } from '../../../base/given.js';
import { plural } from '../../../base/plural.js';
import { printable } from '../../../base/printable.js';
import { InputError } from '../../../base/problem.js';
import type { ObservedTraffic } from '../../../calibrate/traffic/observed-traffic.js';
import { checkGiven } from '../../check-values.js';
import { gatherProblems } from '../../gather-problems.js';
import { printJson, printResult, say } from '../../output.js';
import { trafficImporters } from './import-traffic.js';
import type { ImportedProfile, ProfileImporter } from './importer.js';
import { modelAnalyzerImporter } from './model-analyzer.js';
import { perfAnalyzerImporter } from './perf-analyzer.js';

interface ImportArguments {
  readonly files: readonly string[];
  readonly out: string | undefined;
  readonly json: boolean;
}

export const importCommand: CommandModule = {
  command: 'import',
  describe: 'Make profiles of what you already have: load tests of other tools, or production traffic',
  builder: (yargs) =>
    yargs
      .command(
        [perfAnalyzerImporter, modelAnalyzerImporter, ...trafficImporters].map((each) => sourceCommand(each)),
      )
      .demandCommand(1, 'Name what wrote the files; perseus profile import --help lists it.'),
  handler: () => {},
};

// biome-ignore lint/suspicious/noExplicitAny: importers have different options, which yargs types no other way
function sourceCommand(importer: ProfileImporter<any>): CommandModule<object, ImportArguments> {
  return {
    command: `${importer.name} <files..>`,
    describe: importer.describe,
    builder: (yargs) => {
      const command = yargs
        .positional('files', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: importer.files.describe,
        })
        .options(importer.options)
        .options({
          out: {
            type: 'string',
            describe: 'Folder for MODEL.profile.json; profiles of that name are replaced',
          },
          json: { type: 'boolean', default: false, describe: 'Print what was made as JSON' },
        });
      for (const [line, describe] of importer.examples) command.example(line, describe);
      return command as never;
    },
    handler: async (args) => {
      const { files, out, json } = args;
      const { requireFolderPlace } = await import('../../../node/files/output-places.js');
      await gatherProblems(
        () => (out === undefined ? checkGiven({ '--out': out }) : requireFolderPlace('--out', out)),
        () => requireFew(files, importer),
      );
      const written = await writeProfiles(out!, await importer.run(files, args));
      if (json)
        await printJson({ format: 'perseus-profile-import/1', profiles: written.map(importedToJson) });
      else await printResult(written.map(importedToText).join('\n'));
      for (const { file } of written) say(`wrote ${file}`);
    },
  };
}

function requireFew(
  given: readonly string[],
  { name, files }: Pick<ProfileImporter<never>, 'name' | 'files'>,
): void {
  if (given.length > files.most)
    throw InputError.of(`${given.length} files`, files.several ?? `${name} takes ${files.most}`);
}

interface WrittenProfile extends ImportedProfile {
  readonly file: string;
}

/** Serialises all before it writes the first: a profile that is not valid leaves nothing behind. */
async function writeProfiles(
  folder: string,
  made: readonly ImportedProfile[],
): Promise<readonly WrittenProfile[]> {
  const { join } = await import('node:path');
  const { writeFileAtomically } = await import('../../../node/files/atomic-write.js');
  const { requireProfilePlaces } = await import('../../../node/output/profile-places.js');
  const { serializeProfile } = await import('../../../profile/parse.js');
  const texts = made.map((each) => {
    const name = `${fileNameOf(each.profile.model)}.profile.json`;
    return { ...each, file: join(folder, name), text: serializeProfile(each.profile) };
  });
  await requireProfilePlaces(texts.map(({ file }) => file));
  for (const { file, text } of texts) await writeFileAtomically(file, text);
  return texts.map(({ text, ...each }) => each);
}

function importedToJson({ file, profile, uncertain, server, traffic, residuals = [] }: WrittenProfile) {
  return {
    file,
    model: profile.model,
    device: profile.device,
    fit: profile.fit ?? null,
    ...given({ server, traffic }),
    rows: residuals,
    uncertain,
  };
}

function importedToText({ profile, uncertain, server, traffic, residuals = [] }: WrittenProfile): string {
  const { model, device, service, fit } = profile;
  const rows = residuals.map(({ observed, predicted }) => {
    const { concurrency, openLoop, overload, requestBatch } = observed;
    const planned = openLoop ?? overload;
    const load =
      planned === undefined
        ? `${concurrency} ${plural(concurrency, 'client')}`
        : `${planned.requestsPerS} requests/s${overload === undefined ? '' : ` (${concurrency} in flight)`}`;
    const figure = (name: 'inferencesPerS' | 'meanLatencyMs') =>
      `${observed[name].toPrecision(4)} -> ${predicted[name].toPrecision(4)}`;
    return `  ${load} x ${requestBatch}: ${figure('inferencesPerS')} inferences/s, ${figure('meanLatencyMs')} ms`;
  });
  const lines = [
    `${model} on ${device}: service times of ${service.length} batch ${plural(service.length, 'size')}${fit === undefined ? '' : `, rows off by ${fit.meanErrorPercent.toFixed(1)} % on average, ${fit.maxErrorPercent.toFixed(1)} % at most`}`,
    ...rows,
    ...(server === undefined
      ? []
      : [
          `  network delay, both directions, for the scenario's network: ${(server.network.requestDelayUs + server.network.responseDelayUs).toFixed(0)} us`,
        ]),
    ...(traffic === undefined ? [] : trafficLines(traffic)),
    ...uncertain.map((sentence) => `  uncertain: ${sentence}`),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** For the load of a scenario, and to hold what it predicts against. */
function trafficLines({ requests, requestsPerS, ...means }: ObservedTraffic): string[] {
  const { mean, least, most } = requestsPerS;
  const figure = (value: number) => String(Number(value.toPrecision(3)));
  const rate = Number.isFinite(mean)
    ? `${figure(mean)} requests/s (${figure(least)} to ${figure(most)} from scrape to scrape)`
    : `${requests} ${plural(requests, 'request')}`;
  const each = means.inferencesPerRequest === 1 ? '' : ` of ${figure(means.inferencesPerRequest)} inferences`;
  return [
    `  its traffic: ${rate}${each}, mean batch ${figure(means.inferencesPerExecution)}`,
    `  mean of a request in the server: ${figure(means.serverMs)} ms, of which queue ${figure(means.queueMs)} ms`,
  ];
}
