import { cpus } from 'node:os';
import { commit } from '../../../../src/node/runs/package-facts.js';
import { LIVE_TOLERANCE_MS } from '../tolerances.js';
import type { CallCosts } from './call-costs.js';
import { type CompositionCase, configText } from './composition-case.js';
import type { CompositionsReport, RowReport } from './run-table.js';

/** The page of results: the verdict, findings, what calls cost, and every row with how often it held. */
export function compositionsMarkdown(report: CompositionsReport): string {
  const { runs, rows, summary, server, costs } = report;
  const findings = rows.flatMap(({ row }) =>
    [row.finding, row.notSimulated].flatMap((said) => (said === undefined ? [] : [{ row, said }])),
  );
  const missed = rows.flatMap(disagreements);
  return `# Conformance of ensembles, sequences, caches, calls, streams, the rate limiter and loading

Written by \`npm run conformance:compositions -- --runs ${runs} --write\`; ${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}, commit ${commit() ?? 'unknown'}.
Server: Triton ${server}, python backend, local response cache; models of its own for each row.

${summary}.

A run agrees when each model executed the same requests together, each request had its result or its error, and cache hits and misses
are equal, all times within ${LIVE_TOLERANCE_MS} ms. One that does not agree is repeated where a thread of client, server or model was
kept from running for 12 ms and more, because others use the machine too. The simulator's are held to 1 ms. Sections are those of
triton-breadth.md. Notation, times in ms: arrivals \`inferences>model@time\` (\`c\` content, \`s\` sequence with \`<\` START and \`>\` END, \`o\` wanted output),
executions \`requests@start\`, requests numbered from 1, \`_\` padding; of a stream \`1+1+1@60\`: three responses to request 1, the first at 60.
\`or\`: threads race. A request of content 13 kills the process that executes it, where its row says so.

## Findings

${findings.length === 0 ? 'None.' : findings.map(({ row, said }) => `- **${row.rule}** (${row.source}): ${said.replaceAll('\n', ' ')}`).join('\n')}

## What a call costs

${costs === undefined ? 'Not measured.' : costsText(costs)}

## Disagreements

${missed.length === 0 ? 'None.' : missed.join('\n')}

## Rows

${markdownTable([
  ['section', 'rule', 'arrives', 'what must happen', 'simulator', `Triton agrees, of runs`],
  ...rows.map(({ row, simulator, live }) => [
    row.source,
    row.rule,
    arrivalsCell(row),
    consequences(row),
    simulatorCell(row, simulator),
    `${live.filter((lines) => lines.length === 0).length} of ${live.length}`,
  ]),
])}

## Configurations

${rows.map(({ row }) => `### ${row.rule}\n\n\`\`\`\n${configurations(row)}\n\`\`\``).join('\n\n')}
`;
}

export function costsText({ ensembleStepUs, blsCallUs, medians, requests }: CallCosts): string {
  const us = (value: number) => `${Math.round(value)} µs`;
  const shown = Object.entries(medians).map(
    ([name, { latencyUs, ownUs }]) => `${name} ${us(latencyUs)} (${us(ownUs)})`,
  );
  return [
    `- One hand-over of an ensemble (\`triton.ensembleStepUs\`): **${us(ensembleStepUs)}**.`,
    `- One BLS call, there and back (\`triton.blsCallUs\`): **${us(blsCallUs)}**.`,
    '',
    `One client, median of ${requests} requests each, in turns, and in brackets what is left without queue and execution of B: ${shown.join(', ')}.`,
    'B does nothing; E1 and E5 are ensembles of one and five steps of it, P1 and P5 call it once and five times. A hand-over is what E1',
    'leaves more than B, a call a quarter of what P5 leaves more than P1. Others used the machine. The defaults stay 0.',
  ].join('\n');
}

function simulatorCell({ notSimulated }: CompositionCase, differs: readonly string[]): string {
  if (notSimulated !== undefined) return 'not asked';
  return differs.length === 0 ? 'agrees' : 'differs';
}

function disagreements({ row, simulator, live }: RowReport): string[] {
  const seen = new Map<string, number>();
  for (const line of live.flat()) seen.set(line, (seen.get(line) ?? 0) + 1);
  return [
    ...simulator.map((line) => `- simulator: ${row.rule}: ${line}`),
    ...[...seen].map(([line, times]) => `- Triton, ${times} times: ${row.rule}: ${line}`),
  ];
}

function arrivalsCell({ arrives, changes = [] }: CompositionCase): string {
  return [
    code(arrives),
    ...changes.map(({ atMs, model, ...change }) => `${change.do} ${model} at ${atMs}`),
  ].join('; ');
}

function consequences({ executes, answers, errors, hangs, streams, cache = {} }: CompositionCase): string {
  const parts = Object.entries(executes).map(([model, events]) => `${model} ${code(events)}`);
  if (answers !== '') parts.push(`answers ${code(answers)}`);
  if (streams !== undefined) parts.push(`responses ${code(streams)}`);
  if (errors !== undefined) parts.push(`errors ${code(errors)}`);
  if (hangs !== undefined) parts.push(`never answered by Triton: ${hangs.join(', ')}`);
  for (const [model, { hits, misses }] of Object.entries(cache))
    parts.push(`cache of ${model}: ${hits} hits, ${misses} misses`);
  return parts.join('; ');
}

function configurations(row: CompositionCase): string {
  const names = Object.keys(row.models);
  return names.map((name) => `# ${name}\n${configText(row, name).trim()}`).join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdownTable([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head!), line(head!.map(() => '---')), ...rows.map(line)].join('\n');
}
