import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelConfig } from '../model-config.js';
import type { KnownProfiles } from './choose-profiles.js';

export interface ChosenGpu {
  /** As profiles name it. */
  readonly kind: string;
  /** Nothing tells that it is this one. */
  readonly isGuess: boolean;
  /** Kinds with profiles that may have been meant, where no profile is of this one. */
  readonly alike?: readonly string[];
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
    const meant = kinds.has(asked) ? [asked] : kindsMeant(asked, kinds);
    return meant.length === 1
      ? { kind: meant[0]!, isGuess: false }
      : { kind: asked, isGuess: false, alike: meant };
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

/** The kinds whose names hold every word of what was asked for: `t4` is a `Tesla T4`. */
function kindsMeant(asked: string, kinds: ReadonlySet<string>): string[] {
  const wanted = wordsOf(asked).filter((word) => word !== 'nvidia' && word !== 'tesla');
  if (wanted.length === 0) return [];
  return [...kinds].filter(
    (kind) =>
      kind.includes(' MIG ') === /mig/i.test(asked) && wanted.every((word) => wordsOf(kind).includes(word)),
  );
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/[\s-]+/);
}
