import { provenanceLine } from '../../src/node/runs/package-facts.js';
import { errorsBy, type LeftOutPoint, leftOutCsv } from './errors-by.js';
import { markdownTable, terminalTable } from './table.js';

/** Of what is left out: its heading on the page, and what the fits then still saw. */
interface LeftOutKind {
  readonly heading: string;
  readonly how: string;
}

/** How the results of `--leave-one-out` are shown. */
interface LeftOutPage {
  readonly title: string;
  /** Name of its two files, without their endings. */
  readonly file: string;
  /** With which command it was made. */
  readonly command: string;
  readonly rows: string;
  readonly metrics: Readonly<Record<string, string>>;
  /** By what {@link LeftOutPoint.by} says. */
  readonly kinds: Readonly<Record<string, LeftOutKind>>;
  /** What no figure of the table says. */
  readonly remarks: string;
}

/** What `--leave-one-out` gives: a page and a table of its own, and no other result. */
export class LeftOut {
  readonly points: readonly LeftOutPoint[];
  readonly #page: LeftOutPage;

  constructor(points: readonly LeftOutPoint[], page: LeftOutPage) {
    this.points = points;
    this.#page = page;
  }

  /** The page and every point, by file. */
  files(): ReadonlyMap<string, string> {
    const { file } = this.#page;
    return new Map([
      [`${file}.md`, this.#text()],
      [`${file}.csv`, leftOutCsv(this.points)],
    ]);
  }

  /** For the terminal. */
  report(): string {
    const tables = Object.keys(this.#page.kinds).map((by) => `${terminalTable(this.#tableBy(by))}\n`);
    return tables.join('\n');
  }

  #tableBy(by: string) {
    const { rows, metrics } = this.#page;
    const own = this.points.filter((point) => point.by === by);
    return errorsBy(own, { head: 'left out', nameOf: ({ leftOut }) => leftOut, rows, metrics });
  }

  #text(): string {
    const { title, file, command, kinds, remarks } = this.#page;
    const sections = Object.entries(kinds).map(
      ([by, { heading, how }]) => `## ${heading}\n\n${how}\n\n${markdownTable(this.#tableBy(by))}`,
    );
    return `# ${title}

Written by \`${command}\` (${provenanceLine()}). [${file}.csv](${file}.csv) has every figure. Errors are means of absolute ones; the worst comes first.

${sections.join('\n\n')}

${remarks}
`;
  }
}
