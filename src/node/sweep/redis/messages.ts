import * as z from 'zod';
import { checkAgainst } from '../../../base/document/schema-problems.js';
import { formatPath } from '../../../base/path.js';
import { printable } from '../../../base/printable.js';
import type { Problem } from '../../../base/problem.js';
import { decodeValue, encodeValue } from '../../../sweep/content.js';
import { type DetachedScenario, pointKey } from '../../../sweep/detached.js';
import { detachedScenarioSchema } from '../../../sweep/detached-schema.js';
import { rowsSchema } from '../../../sweep/row-schema.js';
import { digest } from '../content-library.js';
import { engine } from '../engine.js';
import type { PointJob, PointResult } from '../runner.js';

/** What stands in Redis of a point: its scenario as `encodeValue` writes it. */
export interface PointData {
  readonly scenario: string;
}

/** What is handed in of a point: its key is the job's. */
export type HandedIn = Omit<PointResult, 'key'>;

/** Something in Redis is not what perseus writes there, whoever wrote it. The message says in what. */
export class MalformedMessage extends Error {}

const pointDataSchema: z.ZodType<PointData> = z.strictObject({ scenario: z.string() });

/**
 * The scenario of a job that a sweep has handed over under the address of its point.
 * @throws MalformedMessage when it is none, or the scenario of another address
 */
export function readPointData(key: string | undefined, data: unknown): DetachedScenario {
  const { scenario: encoded } = requireShape(pointDataSchema, data, 'the job');
  if (pointKey(encoded, engine(), digest) !== key)
    throw new MalformedMessage('the scenario is not the one of this address');
  const scenario = requireShape(detachedScenarioSchema, decoded(encoded), 'the scenario');
  // Otherwise the check has filled in what the scenario itself lacks.
  if (encodeValue(detachedScenarioSchema.parse(scenario)) !== encoded)
    throw new MalformedMessage('the scenario is not written as sweeps write it');
  return scenario;
}

function decoded(text: string): unknown {
  try {
    return decodeValue(text);
  } catch {
    throw new MalformedMessage('the scenario is no JSON');
  }
}

const text = z.string();
const place = z.int().min(1).exactOptional();
const problemSchema: z.ZodType<Problem> = z.strictObject({
  what: text,
  remedy: text.exactOptional(),
  file: text.exactOptional(),
  line: place,
  column: place,
  path: text.exactOptional(),
});
const problemsSchema = z.strictObject({ problems: z.array(problemSchema).min(1) });

/**
 * What a worker has handed in of a point.
 * @throws MalformedMessage when it is not what comes of such a point
 */
export function readHandedIn({ key, scenario }: PointJob, value: unknown): PointResult {
  const parsed = typeof value === 'string' ? json(value) : value;
  const hasProblems = typeof parsed === 'object' && parsed !== null && 'problems' in parsed;
  const schema: z.ZodType<unknown> = hasProblems
    ? problemsSchema
    : z.strictObject({ rows: rowsSchema(scenario) });
  return { ...(requireShape(schema, parsed, 'the result') as HandedIn), key } as PointResult;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedMessage('the result is no JSON');
  }
}

/** Mistakes that are told of one message; others are of the same kind. */
const MOST_TOLD = 3;

/** @throws MalformedMessage with what is wrong */
export function requireShape<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { problems } = checkAgainst(schema, value);
  if (problems.length === 0) return value as T;
  const told = problems.slice(0, MOST_TOLD).map((problem) => {
    const path = formatPath(problem.path);
    return path === '' ? problem.what : `${path} ${problem.what}`;
  });
  const left = problems.length - told.length;
  const more = left > 0 ? ` (and ${left} more)` : '';
  throw new MalformedMessage(printable(`${what}: ${told.join(', ')}${more}`));
}
