import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelConfig } from '../model-config.js';
import type { KnownProfiles } from './choose-profiles.js';

export interface ChosenGpu {
  /** As profiles name it. */
  readonly kind: string;
  /** Nothing tells that it is this one. */
  readonly isGuess: boolean;
}

/** A GPU that many have, and of which profiles are shipped. */
const GUESS = 'Tesla T4';

/**
 * The kind of GPU that was asked for, as shipped profiles call it; else the only one that profiles beside the scenario are of;
 * else a guess.
 */
export function chooseGpu(
  asked: string | undefined,
  models: readonly ModelConfig[],
  { own, shipped }: KnownProfiles,
): ChosenGpu {
  if (asked !== undefined) {
    const kinds = new Set([...own, ...shipped.map(({ profile }) => profile)].map(({ device }) => device));
    return { kind: kinds.has(asked) ? asked : (kindMeant(asked, kinds) ?? asked), isGuess: false };
  }
  const names = new Set(models.map(({ name }) => name));
  const ofModels = own.filter(
    // One to fill in is of a kind that may have been a guess itself.
    ({ model, device, placeholder }) => names.has(model) && device !== CPU_KIND && placeholder !== true,
  );
  const [only, ...others] = new Set(ofModels.map(({ device }) => device));
  return only !== undefined && others.length === 0
    ? { kind: only, isGuess: false }
    : { kind: GUESS, isGuess: true };
}

/** The only kind whose name holds every word of what was asked for: `t4` is a `Tesla T4`. */
function kindMeant(asked: string, kinds: ReadonlySet<string>): string | undefined {
  const wanted = wordsOf(asked).filter((word) => word !== 'nvidia' && word !== 'tesla');
  if (wanted.length === 0) return undefined;
  const found = [...kinds].filter(
    (kind) =>
      kind.includes(' MIG ') === /mig/i.test(asked) && wanted.every((word) => wordsOf(kind).includes(word)),
  );
  return found.length === 1 ? found[0] : undefined;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/[\s-]+/);
}
