import type { CommandModule } from 'yargs';
import { InputError } from '../../base/problem.js';
import type { ExportFormat } from '../../node/runs/export-run.js';
import { gatherBeside } from '../gather-problems.js';
import { requireNumbers } from '../number-options.js';
import { say } from '../output.js';
import { refuseUnused } from '../unused-options.js';

interface ExportArguments {
  readonly run: string;
  readonly format: string;
  readonly out: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly start: string | undefined;
}

export const exportCommand: CommandModule<object, ExportArguments> = {
  command: 'export <run>',
  describe: 'A run for Perfetto, OpenTelemetry, Prometheus',
  builder: (yargs) =>
    yargs
      .positional('run', {
        type: 'string',
        demandOption: true,
        describe:
          'Folder of perseus simulate --out, a log of --log (.arrow), or a report of --json (prometheus)',
      })
      .option('format', {
        choices: ['perfetto', 'otel', 'prometheus'],
        demandOption: true,
        describe: 'perfetto: for ui.perfetto.dev; otel: spans, OTLP as JSON lines; prometheus: text format',
      })
      .option('out', { type: 'string', demandOption: true, describe: 'File to write' })
      .option('from', { type: 'number', describe: 'Requests planned from this second on' })
      .option('to', { type: 'number', describe: 'Requests planned before this second' })
      .option('start', {
        type: 'string',
        describe:
          'When the run began, for the times of spans: now, or such as 2026-01-31T12:00:00Z; default 1970',
      })
      .example('$0 export results/run1 --format perfetto --from 10 --to 20 --out run1.json', 'ten seconds')
      .example('$0 export results/run1 --format prometheus --out perseus.prom', 'for Grafana'),
  handler: async (args) => {
    const { exportRun } = await import('../../node/runs/export-run.js');
    const { requireFilePlace } = await import('../../node/files/output-places.js');
    const { writeFileAtomically } = await import('../../node/files/atomic-write.js');
    const { from, to, start } = args;
    const format = args.format as ExportFormat;
    const read = (startMs: number) =>
      exportRun(args.run, {
        format,
        startMs,
        ...(from !== undefined && { fromS: from }),
        ...(to !== undefined && { toS: to }),
      });
    const [startMs] = await gatherBeside(
      () => read(0),
      () => startOf(start),
      () => requireFilePlace('--out', args.out),
      () => requireNumbers({ from: [from, { from: 0 }], to: [to, { above: from ?? 0 }] }),
      () => format === 'prometheus' && refuseUnused({ from, to }, 'with --format prometheus'),
      () => format !== 'otel' && refuseUnused({ start }, 'without --format otel'),
    );
    const content = await read(startMs);
    await writeFileAtomically(args.out, content);
    say(`wrote ${args.out}: ${NEXT[format]}`);
  },
};

const NEXT: Readonly<Record<ExportFormat, string>> = {
  perfetto: 'open it in ui.perfetto.dev',
  otel: "give it to a collector's otlpjsonfile receiver",
  prometheus: "put it where the node exporter's textfile collector reads",
};

/** @throws InputError */
function startOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = text === 'now' ? Date.now() : Date.parse(text);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw InputError.of(`"${text}" is no time`, 'write now, or such as 2026-01-31T12:00:00Z', {
    path: '--start',
  });
}
