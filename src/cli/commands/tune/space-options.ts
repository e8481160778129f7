import type { InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import type { SpaceOptions } from '../../../plan/tune/space.js';
import { MOST_INSTANCES } from '../../../scenario/limits.js';
import { MOST_INFERENCES } from '../../../trace/columns.js';
import { listedNames } from '../../listed-names.js';
import { readLists } from '../../number-options.js';

export const spaceOptions = {
  models: {
    type: 'string',
    describe: 'Tune only these, as model or server/model, with commas (\\, for one in a name). Default: all',
  },
  instances: { type: 'string', describe: 'Instances to try. Default: 1,2,3,4,5 and as many as now' },
  'max-batch': { type: 'string', describe: 'max_batch_size to try. Default: powers of two, as measured' },
  preferred: {
    choices: ['max', 'powers', 'both'] as const,
    default: 'both' as const,
    describe: 'Preferred batch sizes to try: only the largest, every power of two, or both ways',
  },
  delay: { type: 'string', describe: 'Queue delays in µs to try. Default: 0,100,500,2000,5000' },
  'queue-limit': {
    type: 'string',
    describe: 'max_queue_size to try, e.g. 0,32 (0: none). Default: as it is',
  },
  concurrency: { type: 'string', describe: 'Clients of the closed loops to try, e.g. 1,2,4,8,16' },
  load: { type: 'string', describe: 'Factors on the rates to try, e.g. 0.5,1,2' },
} as const;

export type SpaceArguments = InferredOptionTypes<typeof spaceOptions>;

/** @throws InputError with every list that is none */
export function spaceOf(args: SpaceArguments): SpaceOptions {
  const lists = readLists({
    instances: [args.instances, { from: 1, to: MOST_INSTANCES, whole: true }],
    'max-batch': [args['max-batch'], { from: 1, to: MOST_INFERENCES, whole: true }],
    delay: [args.delay, { from: 0, to: 1e9, whole: true }],
    'queue-limit': [args['queue-limit'], { from: 0, to: 1e9, whole: true }],
    concurrency: [args.concurrency, { from: 1, to: 1_000_000, whole: true }],
    load: [args.load, { from: 1e-6, to: 1e5 }],
  });
  return given({
    models: args.models === undefined ? undefined : listedNames('--models', args.models),
    instances: lists.instances,
    maxBatchSizes: lists['max-batch'],
    preferred: args.preferred === 'both' ? undefined : [args.preferred],
    delaysUs: lists.delay,
    queueLimits: lists['queue-limit'],
    concurrency: lists.concurrency,
    rateFactors: lists.load,
  });
}
