import { InputError } from '../../base/problem.js';
import { refuseUnmeasured } from '../../calibrate/refuse-unmeasured.js';
import { LiveError, type LiveModelConfig } from '../../live/inference-client.js';
import { modelProblems, readyModels } from '../../live/ready-models.js';
import type { CalibrateServerOptions } from './calibrate-server.js';

/** Configurations in force of the models asked for, or of all that are ready. */
export async function readConfigs({
  client,
  models: wanted,
  ...way
}: CalibrateServerOptions): Promise<LiveModelConfig[]> {
  const problems = await modelProblems(client, wanted ?? []);
  if (problems.length > 0) throw new InputError(problems.map((each) => ({ path: '--models', ...each })));
  const models = wanted ?? (await readyModels(client));
  if (models.length === 0) throw InputError.of(`${client.url} has no model that is ready`, 'load one');
  const names = [...new Set(models)];
  const read = await Promise.allSettled(names.map((model) => client.modelConfig(model)));
  const failures = read.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (failures.length > 0)
    throw unusable(
      failures,
      names.filter((_, i) => read[i]!.status === 'fulfilled'),
    );
  const live = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  refuseUnmeasured(
    live.map(({ config }) => config),
    way,
  );
  return live;
}

/** One error for all models whose configuration cannot be had or used, with the command that does without them. */
function unusable(failures: readonly unknown[], others: readonly string[]): unknown {
  const errors = failures.filter(
    (each) => each instanceof LiveError && each.kind === 'server',
  ) as LiveError[];
  if (errors.length < failures.length || others.length === 0) return failures[0];
  const messages = errors.map(({ message }) => message).join('; ');
  return new LiveError('server', messages, `calibrate the others: --models ${others.join(',')}`);
}
