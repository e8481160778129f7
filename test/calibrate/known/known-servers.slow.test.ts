import { expect, it } from 'vitest';
import { checkComposed } from '../../../scripts/known/check-composed.js';
import { checkKnown, missesOf } from '../../../scripts/known/check-known.js';
import { COMPOSED_SERVERS } from '../../../scripts/known/composed-servers.js';
import { KNOWN_SERVERS } from '../../../scripts/known/servers.js';

const SLOW_MS = 300_000;

it.each(KNOWN_SERVERS.filter(({ isQuick }) => !isQuick).map(({ name, shows }) => [name, shows] as const))(
  'calibration finds the parameters of %s, or says that it does not, and predicts loads it did not see: %s',
  async (name) => {
    const result = await checkKnown(KNOWN_SERVERS.find((each) => each.name === name)!);
    expect(missesOf(result)).toEqual([]);
  },
  SLOW_MS,
);

it.each(COMPOSED_SERVERS.map((known) => [known.shows, known] as const))(
  'calibration finds what %s costs besides the models that it calls, and predicts loads it did not see',
  async (_, known) => {
    expect(missesOf(await checkComposed(known))).toEqual([]);
  },
  SLOW_MS,
);
