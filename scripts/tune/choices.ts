import { replicationSeed } from '../../src/node/runs/replication-seed.js';
import type { LiveConfirmation } from '../../src/node/tune/live-confirmation.js';
import { type CandidateFigures, measure } from '../../src/plan/tune/figures.js';
import { withGeneratorDelay } from '../../src/scenario/generator-delay.js';
import type { Scenario } from '../../src/scenario/scenario.js';

/** What one tuner chose. */
export interface Choice {
  readonly tuner: string;
  /** Settings and load in words. */
  readonly text: string;
  readonly scenario: Scenario;
}

export interface MeasuredChoice extends Omit<Choice, 'scenario'> {
  /** Simulated as the load generator meets it. */
  readonly predicted: readonly CandidateFigures[];
  /** One per round. */
  readonly measured: readonly CandidateFigures[];
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/**
 * Measures every choice once a round, every other round in the opposite order, so that a drift of the machine
 * meets all of them; the server is given back in any case.
 */
export async function measureChoices(
  choices: readonly Choice[],
  live: LiveConfirmation,
  { rounds, progress }: MeasureOptions,
): Promise<MeasuredChoice[]> {
  const measured = choices.map((): CandidateFigures[] => []);
  try {
    for (let round = 0; round < rounds; round++) {
      const order = [...choices.entries()];
      for (const [i, { tuner, scenario }] of round % 2 === 0 ? order : order.reverse()) {
        progress(`live round ${round + 1} of ${rounds}: the choice of ${tuner}`);
        measured[i]!.push((await live.measure(scenario))!);
      }
    }
  } finally {
    await live.restore();
  }
  return choices.map(({ tuner, text, scenario }, i) => ({
    tuner,
    text,
    predicted: simulateOften(withGeneratorDelay(scenario)),
    measured: measured[i]!,
  }));
}

const REPLICATIONS = 5;

/** Under as many seeds, the first of them that of the scenario. */
export function simulateOften(scenario: Scenario): CandidateFigures[] {
  return Array.from({ length: REPLICATIONS }, (_, i) =>
    measure({ ...scenario, seed: replicationSeed(scenario.seed, i + 1) }),
  );
}
