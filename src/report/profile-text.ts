import { canonicalJson } from '../base/canonical-json.js';
import { plural } from '../base/plural.js';
import type { Problem } from '../base/problem.js';
import type { ProfileDescription, SpreadDescription } from '../profile/describe.js';
import { formatCount, formatNumber } from './format.js';
import { tableOf } from './tables/table.js';
import { type Style, styleOf, type TextOptions } from './text/style.js';
import { textTable } from './text/text-table.js';
import { USUAL_WIDTH, wrap } from './text/width.js';

/** A described profile and the file it was read from. */
export interface DescribedProfile {
  readonly file: string;
  readonly description: ProfileDescription;
}

/** One profile in full, several as a table of a line each. Ends with a newline. */
export function profilesToText(profiles: readonly DescribedProfile[], options: TextOptions = {}): string {
  const { width = USUAL_WIDTH } = options;
  const style = styleOf(options);
  const [only] = profiles;
  if (only !== undefined && profiles.length === 1) return profileToText(only, width, style);
  const table = tableOf(
    `${profiles.length} profiles`,
    profiles,
    [
      { header: 'profile (model@device)', align: 'left', cell: ({ description }) => nameOf(description) },
      { header: 'batch sizes', align: 'left', cell: ({ description }) => batchRange(description) },
      { header: 'smallest ms', cell: ({ description }) => formatNumber(description.service[0]!.totalMs) },
      {
        header: 'most inferences /s',
        cell: ({ description }) => formatNumber(mostInferencesPerSecond(description)),
      },
      { header: 'CV', cell: ({ description }) => formatNumber(description.spread.cv) },
      { header: 'remarks', cell: ({ description }) => formatCount(description.remarks.length), dropRank: 1 },
    ],
    ['perseus profile show FILE shows one in full, and MODEL@DEVICE one that perseus ships.'],
  );
  return lines(textTable(table, width, style));
}

export function profilesToJson(profiles: readonly DescribedProfile[]): string {
  const described = profiles.map(({ file, description }) => ({
    file,
    ...description,
    provenance: Object.fromEntries(description.provenance),
    otherCosts: Object.fromEntries(description.otherCosts),
    interference: description.interference.map(([beside, slowdown]) => ({ beside, slowdown })),
  }));
  return canonicalJson({ format: 'perseus-profile-description/1', profiles: described }, ['format']);
}

function profileToText({ file, description }: DescribedProfile, width: number, style: Style): string {
  const heading = (text: string) => style(text, 'heading');
  const bullets = (sentences: readonly string[]) =>
    sentences.flatMap((sentence) => wrap(`- ${sentence}`, width, '  '));
  const blocks = [
    [
      ...wrap(nameOf(description), width, '  ').map(heading),
      ...provenanceLines([['file', file], ...description.provenance], width),
    ],
    textTable(serviceTable(description), width, style),
    [heading('Spread of an execution around its mean'), ...wrap(spreadSentence(description.spread), width)],
    [heading('Slowdown beside another execution on the device'), ...interferenceLines(description, width)],
    otherCostLines(description, width, heading),
    [heading('Where it may be trusted'), ...bullets(description.trusted)],
    description.remarks.length === 0 ? [] : [heading('Remarks'), ...bullets(description.remarks)],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map(lines)
    .join('\n');
}

function provenanceLines(rows: ProfileDescription['provenance'], width: number): readonly string[] {
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const indent = ' '.repeat(nameWidth + 4);
  return rows
    .filter(([, value]) => value !== '')
    .flatMap(([name, value]) => {
      const text = wrap(value, Math.max(width - indent.length, 20));
      return text.map((line, i) => `${i === 0 ? `  ${name.padEnd(nameWidth)}  ` : indent}${line}`);
    });
}

function serviceTable({ service }: ProfileDescription) {
  return tableOf('Service time of one execution, alone on the device', service, [
    { header: 'batch size', cell: ({ batchSize }) => formatCount(batchSize) },
    { header: 'input ms', cell: ({ inputMs }) => formatNumber(inputMs) },
    { header: 'infer ms', cell: ({ inferMs }) => formatNumber(inferMs) },
    { header: 'output ms', cell: ({ outputMs }) => formatNumber(outputMs) },
    { header: 'total ms', cell: ({ totalMs }) => formatNumber(totalMs) },
    { header: 'inferences /s', cell: ({ inferencesPerSecond }) => formatNumber(inferencesPerSecond) },
  ]);
}

function spreadSentence({ law, cv, p50, p95, p99 }: SpreadDescription): string {
  if (law === 'none') return 'none: every execution takes its mean';
  const [median, high, highest] = [p50, p95, p99].map((ratio) => ratio.toFixed(3));
  return `${law}, CV ${formatNumber(cv)}: p50 ${median}, p95 ${high}, p99 ${highest} times the mean`;
}

function interferenceLines({ interference }: ProfileDescription, width: number): readonly string[] {
  if (interference.length === 0) return ['not measured'];
  return interference.flatMap(([beside, times]) =>
    wrap(`- ${beside}: ${formatNumber(times)} times`, width, '  '),
  );
}

function otherCostLines(
  { otherCosts }: ProfileDescription,
  width: number,
  heading: (text: string) => string,
): readonly string[] {
  if (otherCosts.length === 0) return [];
  const costs = otherCosts.map(([name, value]) => `- ${name}: ${formatNumber(value)}`);
  return [heading('Other costs'), ...costs.flatMap((cost) => wrap(cost, width, '  '))];
}

function batchRange({ service }: ProfileDescription): string {
  const [first, last] = [service[0]!.batchSize, service[service.length - 1]!.batchSize];
  return first === last ? `${first}` : `${first} to ${last}`;
}

function mostInferencesPerSecond({ service }: ProfileDescription): number {
  return Math.max(...service.map(({ inferencesPerSecond }) => inferencesPerSecond));
}

function nameOf({ model, device }: ProfileDescription): string {
  return `${model}@${device}`;
}

/** A valid profile and what is odd or not known in it. */
export interface CheckedProfile {
  readonly file: string;
  /** `MODEL@DEVICE`. */
  readonly name: string;
  readonly remarks: readonly string[];
}

/** How many profiles are valid, then each remark with the profiles it is about. */
export function profileCheckToText(profiles: readonly CheckedProfile[], width: number = USUAL_WIDTH): string {
  const filesOf = new Map<string, string[]>();
  for (const { file, remarks } of profiles) {
    for (const remark of remarks) filesOf.set(remark, [...(filesOf.get(remark) ?? []), file]);
  }
  const summary = `${profiles.length} ${plural(profiles.length, 'profile is', 'profiles are')} valid`;
  const remarks = [...filesOf].flatMap(([remark, files]) =>
    wrap(`- ${remarkSentence(remark, files)}`, width, '  '),
  );
  return lines([`${summary}${filesOf.size === 0 ? '' : '; remarks:'}`, ...remarks]);
}

function remarkSentence(remark: string, files: readonly string[]): string {
  return files.length === 1
    ? `${files[0]}: ${remark}`
    : `${files.length} profiles, such as ${files[0]}: ${remark}`;
}

/** Either the valid profiles or the problems that there are. */
export function profileCheckToJson(
  profiles: readonly CheckedProfile[],
  problems: readonly Problem[],
): string {
  const valid = problems.length === 0;
  return canonicalJson({ format: 'perseus-profile-check/1', valid, profiles, problems }, ['format', 'valid']);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
