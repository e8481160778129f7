import { expect, it } from 'vitest';
import { checkKnown, missesOf } from '../../../scripts/known/check-known.js';
import { KNOWN_SERVERS } from '../../../scripts/known/servers.js';
import { someOf } from '../../support/cases.js';

const BUSY_MACHINE_MS = 300_000;

const QUICK = KNOWN_SERVERS.filter(({ isQuick }) => isQuick);

it.each(someOf(QUICK).map(({ name, shows }) => [name, shows] as const))(
  'calibration finds the parameters of %s, or says that it does not, and predicts loads it did not see: %s',
  async (name) => {
    const result = await checkKnown(KNOWN_SERVERS.find((each) => each.name === name)!);
    expect(missesOf(result)).toEqual([]);
  },
  // Some seconds on a machine that does nothing else.
  BUSY_MACHINE_MS,
);
