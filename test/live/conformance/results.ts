import { cpus } from 'node:os';
import { commit } from '../../../src/node/runs/package-facts.js';
import { type ConformanceCase, expectations } from './conformance-case.js';
import type { RowReport, TableReport } from './run-table.js';
import { LIVE_TOLERANCE_MS } from './tolerances.js';

/** The page of results: the verdict, findings, and every row with how often it held. */
export function resultsMarkdown({ runs, rows, summary, server }: TableReport): string {
  const findings = rows.filter(({ row }) => row.finding !== undefined);
  const missed = rows.flatMap(disagreements);
  return `# Conformance: simulator and real Triton on the same small scenarios

Written by \`npm run conformance -- --runs ${runs} --write\`; ${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}, commit ${commit() ?? 'unknown'}.
Server: Triton ${server}, python backend, one model of its own for each run of each row.

${summary}.

A run agrees when the same requests were executed together, refused and expired, each within ${LIVE_TOLERANCE_MS} ms of its time, and
when the configuration that the server answers with is what perseus reads in the file. Notation, times in ms: arrivals
\`inferences@time\` (a letter is the shape of the input, \`p\` a priority level, \`t\` the request's own timeout), executions
\`requests@start\`, requests numbered from 1. \`or\`: two threads race. A tilde: the start may come 500 ms later, because
the batcher missed the moment at which the instance became idle.

## Findings

${findings.map(({ row }) => `- **${row.rule}** (${row.source}): ${row.finding!.replaceAll('\n', ' ')}`).join('\n')}

## Disagreements

${missed.length === 0 ? 'None.' : missed.join('\n')}

## Rows

${markdownTable([
  ['section', 'rule', 'arrives', 'what must happen', 'simulator', `Triton, of ${runs} runs`, 'ways taken'],
  ...rows.map(({ row, simulator, live, waysTaken }) => [
    row.source,
    row.rule,
    code(row.arrives),
    consequences(row),
    simulator.length === 0 ? 'agrees' : 'differs',
    String(live.filter((lines) => lines.length === 0).length),
    expectations(row).length === 1 ? '' : waysTaken.join(' / '),
  ]),
])}
`;
}

function disagreements({ row, simulator, live }: RowReport): string[] {
  return [
    ...simulator.map((line) => `- simulator: ${row.rule}: ${line}`),
    ...live.flatMap((lines, i) => lines.map((line) => `- run ${i + 1}: ${row.rule}: ${line}`)),
  ];
}

function consequences({ executes, refused, expired, answers }: ConformanceCase): string {
  const lists = { executes, refused, expired, answers };
  return Object.entries(lists)
    .filter(([, events]) => events !== undefined && events !== '')
    .map(([name, events]) => `${name === 'executes' ? '' : `${name} `}${code(events!)}`)
    .join('; ');
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdownTable([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head!), line(head!.map(() => '---')), ...rows.map(line)].join('\n');
}
