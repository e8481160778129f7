import { errorsBy, type LeftOutPoint, leftOutCsv } from './errors-by.js';
import { markdownTable, terminalTable } from './table.js';

/** Of what is left out: its heading on the page, and what the fits then still saw. */
export interface LeftOutKind {
  readonly heading: string;
  readonly how: string;
}

/** How the results of `--leave-one-out` are shown. */
export interface LeftOutPage {
  readonly title: string;
  /** Name of its two files, without their endings. */
  readonly file: string;
  /** With which command it was made. */
  readonly command: string;
  readonly provenance: string;
  readonly rows: string;
  readonly metrics: Readonly<Record<string, string>>;
  /** By what {@link LeftOutPoint.by} says. */
  readonly kinds: Readonly<Record<string, LeftOutKind>>;
  /** What no figure of the table says. */
  readonly remarks: string;
}

/** The page and every point, by file. */
export function leftOutFiles(
  points: readonly LeftOutPoint[],
  page: LeftOutPage,
): ReadonlyMap<string, string> {
  return new Map([
    [`${page.file}.md`, pageText(points, page)],
    [`${page.file}.csv`, leftOutCsv(points)],
  ]);
}

/** For the terminal. */
export function leftOutReport(points: readonly LeftOutPoint[], page: LeftOutPage): string {
  return Object.keys(page.kinds)
    .map((by) => `${terminalTable(tableBy(points, by, page))}\n`)
    .join('\n');
}

function tableBy(points: readonly LeftOutPoint[], by: string, { rows, metrics }: LeftOutPage) {
  const own = points.filter((point) => point.by === by);
  return errorsBy(own, { head: 'left out', nameOf: ({ leftOut }) => leftOut, rows, metrics });
}

function pageText(points: readonly LeftOutPoint[], page: LeftOutPage): string {
  const { title, file, command, provenance, kinds, remarks } = page;
  const sections = Object.entries(kinds).map(
    ([by, { heading, how }]) => `## ${heading}\n\n${how}\n\n${markdownTable(tableBy(points, by, page))}`,
  );
  return `# ${title}

Written by \`${command}\` (${provenance}). [${file}.csv](${file}.csv) has every figure. Errors are means of absolute ones; the worst comes first.

${sections.join('\n\n')}

${remarks}
`;
}
