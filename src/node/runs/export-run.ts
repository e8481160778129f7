import { extname, join } from 'node:path';
import { InputError } from '../../base/problem.js';
import { type ExportWindow, requestsIn } from '../../emit/telemetry/log-rows.js';
import { readReport } from '../diff/diff-files.js';
import { isFolder } from '../files/exists.js';
import type { Content } from '../output/create-file.js';
import { version } from './package-facts.js';
import { readRequestLog } from './request-log-files.js';

/** What a run can be exported as, with what reads it. */
export type ExportFormat = 'perfetto' | 'otel' | 'prometheus';

export interface ExportOptions extends ExportWindow {
  readonly format: ExportFormat;
  /** What spans have for the beginning of the run, in milliseconds since 1970. */
  readonly startMs: number;
}

/**
 * A run as other tools read it: its figures for Prometheus, its request log for Perfetto and OpenTelemetry.
 * @param path a run folder; for Prometheus also a report of `--json`, else also a log written as .arrow
 * @throws InputError where there is no such run
 */
export async function exportRun(path: string, options: ExportOptions): Promise<Content> {
  const isRun = await isFolder(path);
  if (options.format === 'prometheus') {
    const { reportToPrometheus } = await import('../../emit/telemetry/prometheus.js');
    return reportToPrometheus(await readReport(isRun ? join(path, 'report.json') : path));
  }
  if (!isRun && extname(path) !== '.arrow')
    throw InputError.of(
      'this is neither a run folder nor a log',
      'name a folder of perseus simulate --out, or a log written with --log NAME.arrow',
      { file: path },
    );
  const log = await readRequestLog(isRun ? join(path, 'requests.arrow') : path);
  if (requestsIn(log, options).next().done)
    throw InputError.of('no request was planned in that time', 'leave --start and --end out', { file: path });
  if (options.format === 'perfetto')
    return (await import('../../emit/telemetry/perfetto.js')).logToPerfetto(log, options);
  const { logToOtel } = await import('../../emit/telemetry/otel.js');
  return logToOtel(log, { ...options, run: path, version: version() });
}
