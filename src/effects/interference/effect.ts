import * as z from 'zod';
import { renamedFields } from '../../base/document/renamed-fields.js';
import type { Immutable } from '../../base/immutable.js';
import { asEver, type EffectStudy, effect, unscaled } from '../effect.js';
import { addIssue, modelName, retired } from '../values.js';

const slowdown = z.number().min(1).max(1000);

const schema = z
  .strictObject({
    self: slowdown.exactOptional().describe('Slowdown beside another instance of the same model'),
    ...retired('crowding'),
    mutuallyExclusiveWith: z
      .array(modelName)
      .max(1000)
      .readonly()
      .exactOptional()
      .describe('Models whose executions take turns with those of this one'),
    pairs: z
      .array(
        z.strictObject({
          model: modelName.describe('The other model'),
          slowdown: slowdown.describe('Times as long beside one execution of it'),
          ...retired('closedLoopSlowdown', 'slowdownOfCallers'),
        }),
      )
      .readonly()
      .superRefine(checkPairs)
      .describe('Slowdown beside other models, as measured'),
    sensitivity: z.number().min(0).max(1000).exactOptional().describe('How much this model suffers'),
    pressure: z.number().min(0).max(1000).exactOptional().describe('How much others suffer from it'),
  })
  .describe('What executions side by side on one device cost; 1 = nothing, 2 = fair halves')
  .register(renamedFields, { turnsWith: 'mutuallyExclusiveWith' });

/**
 * What co-runners on the same device cost: while another execution runs beside this model's, its
 * own takes `slowdown` times as long (1 = nothing, 2 = fair halves). `pairs` is measured; for a
 * model not listed, `sensitivity` of this model times `pressure` of the other is added to 1.
 */
export type Interference = Immutable<z.output<typeof schema>>;

/** Beside one execution of another model. */
export type PairSlowdown = Interference['pairs'][number];

export interface InterferenceFields {
  readonly interference: Interference;
}

/** Executions that overlap on a device slow each other down (`slowdown.ts`). */
export const interference = effect({
  name: 'interference',
  schema: { interference: schema },
  // Whoever shares a device is coupled by it.
});

export const interferenceStudy = {
  // `profile show` has a table of its own for it: see `interferenceRows`.
  describe: () => [],
  scale: unscaled,
  none: () => ({ interference: { self: 1, pairs: [], sensitivity: 0, pressure: 0 } }),
  least: asEver,
  cause: {
    code: 'interference',
    text: 'executions side by side slow each other down; if they did not',
    shownBy: ['no-co-runners'],
  },
} as const satisfies EffectStudy<InterferenceFields>;

/** Beside whom, and how many times as long executions take there. */
export function interferenceRows({ self, pairs }: Interference): readonly (readonly [string, number])[] {
  return [
    ...(self === undefined ? [] : [['itself', self] as const]),
    ...pairs.map(({ model, slowdown: times }) => [model, times] as const),
  ];
}

/** A model is listed once. */
function checkPairs(pairs: readonly { readonly model: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { model }] of pairs.entries()) {
    if (seen.has(model)) addIssue(context, [i, 'model'], `"${model}" is listed twice`, 'remove one of them');
    seen.add(model);
  }
}
