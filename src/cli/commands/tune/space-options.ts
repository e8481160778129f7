import type { InferredOptionTypes } from 'yargs';
import type { SpaceOptions } from '../../../plan/tune/space.js';
import { MOST_INSTANCES } from '../../../scenario/limits.js';
import { MOST_INFERENCES } from '../../../trace/columns.js';
import { namesBetweenCommas } from '../../listed-names.js';

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
export async function spaceOf(args: SpaceArguments): Promise<SpaceOptions> {
  const { ListReader } = await import('../../../node/tune/read-lists.js');
  const lists = new ListReader();
  const instances = lists.counts('--instances', args.instances, MOST_INSTANCES);
  const maxBatchSizes = lists.counts('--max-batch', args['max-batch'], MOST_INFERENCES);
  const delaysUs = lists.numbers('--delay', args.delay, { from: 0, to: 1e9, whole: true });
  const queueLimits = lists.numbers('--queue-limit', args['queue-limit'], { from: 0, to: 1e9, whole: true });
  const concurrency = lists.counts('--concurrency', args.concurrency, 1_000_000);
  const rateFactors = lists.numbers('--load', args.load, { from: 1e-6, to: 1e5, whole: false });
  lists.throwIfAny();
  return {
    ...(args.models === undefined ? {} : { models: namesBetweenCommas(args.models) }),
    ...(args.preferred === 'both' ? {} : { preferred: [args.preferred] }),
    ...(instances && { instances }),
    ...(maxBatchSizes && { maxBatchSizes }),
    ...(delaysUs && { delaysUs }),
    ...(queueLimits && { queueLimits }),
    ...(concurrency && { concurrency }),
    ...(rateFactors && { rateFactors }),
  };
}
