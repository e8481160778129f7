import { InputError, ProblemList } from '../../../src/base/problem.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import { CONFIGS } from '../../scenario/triton/configs.js';
import type { Random } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { findWrongNumber } from '../numbers.js';
import { shippedTexts } from '../samples.js';

/** Triton's model configurations in text protobuf. */
export function pbtxtFamilies(): readonly Family[] {
  const samples = [...shippedTexts('examples/scenarios', '.pbtxt'), ...Object.values(CONFIGS)];
  const generate = (random: Random) => mistakenText(random, { samples, words: WORDS });
  return [textFamily({ name: 'pbtxt', everyProblemHasLine: true, generate, read: readConfig })];
}

const WORDS: readonly string[] = [
  ...`{ } [ ] < > : , ; - " ' \\ # "" "\\ "\\x "\\u00e9" 0x 08 1e999 1f true t`.split(' '),
  ...'name max_batch_size dynamic_batching priority_levels key value KIND_CPU KIND_MODEL REJECT'.split(' '),
  ...['\n', '- -1', 'sequence_batching {}', 'ensemble_scheduling {}', 'instance_group {}', '[a.b/c.d]: 1'],
];

/** As the check of a scenario reads it, for a server with two GPUs. */
function readConfig(text: string): void {
  const problems = new ProblemList();
  const source = readModelConfigText(text, INPUT_FILE, problems);
  const config = source && interpretModelConfig(source, { name: 'resnet50', devices: 2 }, problems);
  if (problems.problems.length > 0) throw new InputError(problems.problems);
  demand(config !== undefined, 'neither a configuration nor a problem');
  checkConfig(config);
}

function checkConfig(config: ModelConfig): void {
  const { maxBatchSize, instanceGroups, dynamicBatching } = config;
  const wrong = findWrongNumber({ ...config, inputs: [], outputs: [] });
  demand(wrong === undefined, `the configuration has ${wrong}`);
  demand(maxBatchSize <= 65_535, `max_batch_size is ${maxBatchSize}`);
  demand(
    instanceGroups.every(({ count }) => Number.isInteger(count) && count >= 1 && count <= 1024),
    'a group has no sensible count',
  );
  const preferred = dynamicBatching?.preferredBatchSizes ?? [];
  demand(
    preferred.every((size, i) => size >= 1 && size <= maxBatchSize && size > (preferred[i - 1] ?? 0)),
    () => `preferred sizes ${preferred.join()} with max_batch_size ${maxBatchSize}`,
  );
}
