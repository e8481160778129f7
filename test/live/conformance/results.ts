import { markdownTable, tableOf } from '../../../scripts/support/table.js';
import { provenanceLine } from '../../../src/node/runs/package-facts.js';
import type { CallCosts } from './call-costs.js';
import { configText } from './config-text.js';
import { ONLY_MODEL, type Row } from './row.js';
import { LIVE_TOLERANCE_MS, type RowReport, type TableReport } from './run-table.js';
import type { Table } from './table/index.js';

/** The page of results: the verdict, findings, what calls cost, and every row with how often it held. */
export function resultsMarkdown({ name, title, notes, notation }: Table, report: TableReport): string {
  const { runs, rows, summary, server, costs } = report;
  const findings = rows.filter(({ row }) => row.finding !== undefined);
  const missed = rows.flatMap(disagreements);
  return `# ${title}

Written by \`npm run conformance -- --only ${name} --runs ${runs} --write\`; ${provenanceLine()}.
Server: Triton ${server}, python backend, local response cache; models of its own for each row.

${summary}.

A run agrees when each model executed the same requests together, each request had its result or its error, cache hits and misses
are equal, and the configuration that the server answers with is what perseus reads in the file; all times within ${LIVE_TOLERANCE_MS} ms. One that
does not agree is repeated where a thread of client, server or model was kept from running for 12 ms and more, because others use
the machine too. The simulator's are held to 1 ms, to 16 ms where threads race. Sections are those of ${notes}.
Notation, times in ms: executions \`requests@start\`, requests numbered from 1, ways joined by \`or\` where threads race; arrivals
${notation}.

## Findings

${findings.map(({ row }) => `- **${row.rule}** (${row.source}): ${row.finding!.replaceAll('\n', ' ')}`).join('\n')}
${costs === undefined ? '' : costsText(costs)}
## Disagreements

${missed.length === 0 ? 'None.' : missed.join('\n')}

## Rows

${markdownTable(
  tableOf(rows, [
    ['section', ({ row }) => row.source],
    ['rule', ({ row }) => row.rule],
    ['arrives', ({ row }) => arrivalsCell(row)],
    ['what must happen', ({ row }) => consequences(row)],
    ['simulator', ({ simulator }) => (simulator.length === 0 ? 'agrees' : 'differs')],
    [
      'Triton agrees, of runs',
      ({ live }) => `${live.filter((lines) => lines.length === 0).length} of ${live.length}`,
    ],
    ['ways taken', ({ waysTaken }) => (waysTaken.length === 1 ? '' : waysTaken.join(' / '))],
  ]),
)}

## Configurations

${rows.map(({ row }) => `### ${row.rule}\n\n\`\`\`\n${configurations(row)}\n\`\`\``).join('\n\n')}
`;
}

function costsText({ ensembleStepUs, blsCallUs, medians, requests }: CallCosts): string {
  const us = (value: number) => `${Math.round(value)} µs`;
  const shown = Object.entries(medians).map(
    ([name, { latencyUs, ownUs }]) => `${name} ${us(latencyUs)} (${us(ownUs)})`,
  );
  return `
## What a call costs

- One hand-over of an ensemble (\`triton.ensembleStepUs\`): **${us(ensembleStepUs)}**.
- One BLS call, there and back (\`triton.blsCallUs\`): **${us(blsCallUs)}**.

One client, median of ${requests} requests each, in turns, and in brackets what is left without queue and execution of B: ${shown.join(', ')}.
B does nothing; E1 and E5 are ensembles of one and five steps of it, P1 and P5 call it once and five times. A hand-over is what E1
leaves more than B, a call a quarter of what P5 leaves more than P1. Others used the machine. The defaults stay 0.
`;
}

function disagreements({ row, simulator, live }: RowReport): string[] {
  const seen = new Map<string, number>();
  for (const line of live.flat()) seen.set(line, (seen.get(line) ?? 0) + 1);
  return [
    ...simulator.map((line) => `- simulator: ${row.rule}: ${line}`),
    ...[...seen].map(([line, times]) => `- Triton, ${times} times: ${row.rule}: ${line}`),
  ];
}

function arrivalsCell({ arrives, changes = [] }: Row): string {
  return [
    code(arrives),
    ...changes.map(({ atMs, model, ...change }) => `${change.do} ${model} at ${atMs}`),
  ].join('; ');
}

function consequences(row: Row): string {
  const { executes, answers, refused, expired, streams, errors, hangs, cache = {} } = row;
  const lists = { answers, refused, expired, responses: streams, errors };
  const parts = Object.entries({ ...executes, ...lists })
    .filter(([, events]) => events !== undefined && events !== '')
    .map(([name, events]) => `${name === ONLY_MODEL ? '' : `${name} `}${code(events!)}`);
  if (hangs !== undefined) parts.push(`never answered by Triton: ${hangs.join(', ')}`);
  for (const [model, { hits, misses }] of Object.entries(cache))
    parts.push(`cache of ${model}: ${hits} hits, ${misses} misses`);
  return parts.join('; ');
}

function configurations(row: Row): string {
  const names = Object.keys(row.models);
  return names.map((name) => `# ${name}\n${configText(row, name).trim()}`).join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
