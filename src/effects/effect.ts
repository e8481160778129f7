import type * as z from 'zod';
import type { Immutable } from '../base/immutable.js';
import type { ServerSide } from './server-side.js';
import type { Spread } from './service-time-variability/effect.js';

/**
 * One physical cost that a profile may describe. Its fields hold the parameters of its law, which the simulator reads directly. This is
 * what reading and simulating ask of every effect, by loops over `registry.ts`; all else is asked of its {@link EffectStudy}.
 */
export interface Effect {
  /** Names it to people and programs: lower case with hyphens. */
  readonly name: string;
  /** Fields of a profile that hold it, with unit, meaning and checks. */
  readonly schema: z.ZodRawShape;
  /** Names that its fields had before, by which an error finds the new one. */
  readonly formerNames?: Readonly<Record<string, string>>;
  /** How it makes models influence each other that share a server, and no device; absent = it does not. */
  couples?(server: ServerSide): Coupling | undefined;
}

/**
 * What descriptions, margins, bounds and explanations ask of an effect. Functions from `Fields` to `Fields` get the effect's own fields
 * of a profile (or of its `serving`), and give them changed; a field that is absent in the answer is removed.
 */
export interface EffectStudy<Fields extends object> {
  /** What `profile show` says of it; rows of 0 are left out. */
  describe(fields: Fields): readonly DescribedCost[];
  /** On a machine on which all takes `times` as long. A plan's margin asks this. */
  scale(fields: Fields, times: number): Fields;
  /** Switched off, as a what-if. */
  none(fields: Fields): Fields;
  /** The least that it costs whatever other load there is. Bounds of a model by itself ask this. */
  least(fields: Fields): Fields;
  /** How far what varies by it may fall below its mean. Bounds of a plan ask this. Absent = it makes nothing shorter than its mean. */
  variation?(fields: Fields): Variation | undefined;
  /** What an explanation says where the run without it has the lower latencies. */
  readonly cause: EffectCause;
  /** `none` and `least` of what a checked scenario keeps of it beside its profiles; absent = it keeps nothing. */
  readonly resolved?: ResolvedEffect;
}

/**
 * What of the others counts: how much is sent to the server in all, when their requests get there, or what happens there
 * at the time.
 */
export type Coupling = 'load' | 'arrivals' | 'time';

/** A cost with its unit in its name, and the figure. */
export type DescribedCost = readonly [name: string, value: number];

export interface ResolvedEffect {
  none<Side extends ServerSide>(server: Side): Side;
  least<Side extends ServerSide>(server: Side): Side;
}

/** How widely something varies around its mean by chance. */
export interface Variation {
  /** Executions as a whole, or the time of requests in the front end. */
  readonly of: 'executions' | 'front end';
  readonly spread: Spread;
  /** In which what it did to one execution is forgotten for the next; absent = at once. */
  readonly timeConstantMs?: number;
}

/** A code, and a sentence that ends in what is changed: ", p99 would be …" follows. */
export interface EffectCause {
  readonly code: string;
  readonly text: string;
  /** Changes of the scenario that name the same cause better, where they win about as much. */
  readonly shownBy?: readonly string[];
}

/** It lies outside of the machine, or is a part of what is scaled anyway. */
export const unscaled = <Fields>(fields: Fields): Fields => fields;

/** It costs the same under any load. */
export const asEver = <Fields>(fields: Fields): Fields => fields;

/** As every optional effect is switched off. */
export const removed = (): Record<never, never> => ({});

/** The fields of a schema, as a profile has them. */
export type FieldsIn<Schema extends z.ZodRawShape> = Immutable<z.output<z.ZodObject<Schema>>>;

/** Checks an effect, and keeps the type of its schema with it. */
export function effect<const Each extends Effect>(
  each: Each,
): Each & Pick<Effect, 'couples' | 'formerNames'> {
  return each;
}
