import { mean } from 'simple-statistics';
import type { Serving } from '../../profile/serving.js';
import type { ServedModel } from '../scenario.js';

type AlwaysMeasured =
  | 'batcherWakeUs'
  | 'instanceWakeUs'
  | 'instancePickUpUs'
  | 'timerSlackUs'
  | 'batcherWinsShare'
  | 'requestDelayUs'
  | 'responseDelayUs'
  | 'generatorUs';

/** How the server was measured to behave: the mean over the profiles that say; undefined where none does. */
export function servingOf(models: readonly ServedModel[]): Serving | undefined {
  const profiles = new Set(models.flatMap(({ instances }) => instances.map(({ profile }) => profile)));
  const measured = [...profiles].flatMap(({ serving }) => serving ?? []);
  if (measured.length === 0) return undefined;
  const meanOf = (key: AlwaysMeasured) => mean(measured.map((serving) => serving[key]));
  const cores = measured.flatMap(({ cpuCores }) => cpuCores ?? []);
  const waits = measured.flatMap(({ threadWaits }) => threadWaits ?? []);
  return {
    batcherWakeUs: meanOf('batcherWakeUs'),
    instanceWakeUs: meanOf('instanceWakeUs'),
    instancePickUpUs: meanOf('instancePickUpUs'),
    timerSlackUs: meanOf('timerSlackUs'),
    batcherWinsShare: meanOf('batcherWinsShare'),
    requestDelayUs: meanOf('requestDelayUs'),
    responseDelayUs: meanOf('responseDelayUs'),
    generatorUs: meanOf('generatorUs'),
    clientUs: mean(measured.map(({ clientUs = 0 }) => clientUs)),
    ...(cores.length > 0 && { cpuCores: Math.max(...cores) }),
    ...(waits.length > 0 && {
      threadWaits: {
        share: mean(waits.map(({ share }) => share)),
        longestUs: mean(waits.map(({ longestUs }) => longestUs)),
      },
    }),
  };
}
