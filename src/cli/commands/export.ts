import { InputError } from '../../base/problem.js';
import type { ExportFormat } from '../../node/runs/export-run.js';
import { command } from '../command.js';
import { partOf } from '../duration.js';
import { gatherBeside } from '../gather-problems.js';
import { say } from '../output.js';
import { refuseUnused } from '../unused-options.js';

const exportOptions = {
  format: {
    choices: ['perfetto', 'otel', 'prometheus'],
    demandOption: true,
    describe: 'perfetto: for ui.perfetto.dev; otel: spans, OTLP as JSON lines; prometheus: text format',
  },
  out: { type: 'string', demandOption: true, describe: 'File to write' },
  start: { type: 'string', describe: 'Requests planned from then on, such as 10s' },
  end: { type: 'string', describe: 'Requests planned before, such as 20s' },
  began: {
    type: 'string',
    describe:
      'When the run began, for the times of spans: now, or such as 2026-01-31T12:00:00Z; default 1970',
  },
} as const;

export const exportCommand = command({
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
      .options(exportOptions)
      .example(
        '$0 export results/run1 --format perfetto --start 10s --end 20s --out run1.json',
        'ten seconds',
      )
      .example('$0 export results/run1 --format prometheus --out perseus.prom', 'for Grafana'),
  handler: async (args) => {
    const { exportRun } = await import('../../node/runs/export-run.js');
    const { requireFilePlace } = await import('../../node/files/output-places.js');
    const { writeFileAtomically } = await import('../../node/files/atomic-write.js');
    const { start, end, began, format } = args;
    const read = (startMs: number) => exportRun(args.run, { format, startMs, ...partOf(args) });
    const [startMs] = await gatherBeside(
      () => read(0),
      () => beganMs(began),
      () => requireFilePlace('--out', args.out),
      () => format === 'prometheus' && refuseUnused({ start, end }, 'with --format prometheus'),
      () => format !== 'otel' && refuseUnused({ began }, 'without --format otel'),
    );
    const content = await read(startMs);
    await writeFileAtomically(args.out, content);
    say(`wrote ${args.out}: ${NEXT[format]}`);
  },
});

const NEXT: Readonly<Record<ExportFormat, string>> = {
  perfetto: 'open it in ui.perfetto.dev',
  otel: "give it to a collector's otlpjsonfile receiver",
  prometheus: "put it where the node exporter's textfile collector reads",
};

function beganMs(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = text === 'now' ? Date.now() : Date.parse(text);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw InputError.of(`"${text}" is no time`, 'write now, or such as 2026-01-31T12:00:00Z', {
    path: '--began',
  });
}
