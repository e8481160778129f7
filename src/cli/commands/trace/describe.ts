import { command } from '../../command.js';
import { printJson, printResult, textOptions } from '../../output.js';
import { fileArgument } from './options.js';

export const describeCommand = command({
  command: 'describe <file>',
  describe: 'What a trace holds: requests, rates, burstiness, batch sizes, per tenant and in total',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .option('json', { type: 'boolean', default: false, describe: 'Print as JSON' })
      .example('$0 trace describe traces/azure-llm-2023.csv.gz', 'two tenants and their bursts'),
  handler: async ({ file, json }) => {
    const { readTrace } = await import('../../../node/scenario/trace-files.js');
    const { describeTrace } = await import('../../../trace/describe.js');
    const description = describeTrace(await readTrace(file));
    if (json) return printJson({ format: 'perseus-trace-description/1', file, ...description });
    const { traceDescriptionToText } = await import('../../../report/trace-text.js');
    await printResult(traceDescriptionToText(description, { file, ...textOptions() }));
  },
});
