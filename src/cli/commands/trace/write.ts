import type { Trace } from '../../../trace/trace.js';
import { printJson, say } from '../../output.js';
import type { WriteArguments } from './options.js';

/** What a command has to say on its trace besides what it holds. */
export interface Remarks {
  readonly sentences?: readonly string[];
  /** Further members of the JSON. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Writes the trace and says what it wrote: in a line on stderr, with `--json` on stdout. */
export async function writeAndTell(
  { out, json }: WriteArguments,
  trace: Trace,
  remarks: Remarks = {},
): Promise<void> {
  const { writeTrace } = await import('../../../node/scenario/trace-files.js');
  const { traceToSentence } = await import('../../../report/trace-text.js');
  await writeTrace(out, trace);
  say(`wrote ${out}: ${traceToSentence(trace)}`);
  if (trace.arrivalUs.length === 0)
    say('no request is in it; check the file, the times and the tenants that you name');
  for (const sentence of remarks.sentences ?? []) say(sentence);
  if (json) await printJson({ ...factsOf(out, trace), ...remarks.facts });
}

/** The trace with what was done to it in its source, so that it is not taken for the original. */
export function changed(trace: Trace, file: string, change: string): Trace {
  return { ...trace, source: `${trace.source ?? file}; ${change}` };
}

function factsOf(file: string, trace: Trace) {
  return {
    format: 'perseus-trace-file/1',
    file,
    requests: trace.arrivalUs.length,
    tenants: trace.tenants,
    durationUs: trace.durationUs,
    source: trace.source,
  };
}
