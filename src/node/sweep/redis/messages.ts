import * as z from 'zod';
import { checkAgainst } from '../../../base/document/schema-problems.js';
import { formatPath } from '../../../base/path.js';
import { printable } from '../../../base/printable.js';
import { formatProblem, type Problem, problemsOf } from '../../../base/problem.js';
import { type ScenarioDocument, type ScenarioSpec, scenarioSpecSchema } from '../../../scenario/spec.js';
import { decodeValue } from '../../../sweep/content.js';
import { rowsSchema } from '../../../sweep/row-schema.js';
import type { PointJob, PointResult } from '../runner.js';

/** What stands in Redis of a point: its scenario as `portablePoint` writes it. */
export interface PointData {
  readonly scenario: string;
}

/** What is handed in of a point: its key is the job's. */
export type HandedIn = Omit<PointResult, 'key'>;

/** Something in Redis is not what perseus writes there, whoever wrote it. The message says in what. */
export class MalformedMessage extends Error {}

const pointDataSchema: z.ZodType<PointData> = z.strictObject({ scenario: z.string() });

/**
 * The scenario of a job, checked as one in a file is.
 * @throws MalformedMessage when it is none
 */
export function readPointData(data: unknown): ScenarioDocument & { readonly spec: ScenarioSpec } {
  const { scenario } = requireShape(pointDataSchema, data, 'the job');
  const spec = requireShape(scenarioSpecSchema, json(scenario, 'the scenario', decodeValue), 'the scenario');
  return { spec, problems: [], positionOf: (path) => ({ path: formatPath(path) }) };
}

/**
 * What `check` makes of a job's scenario.
 * @throws MalformedMessage with what is wrong in it
 */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw malformed('the scenario', problemsOf(error).map(formatProblem));
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
  const parsed = typeof value === 'string' ? json(value, 'the result') : value;
  const hasProblems = typeof parsed === 'object' && parsed !== null && 'problems' in parsed;
  const schema: z.ZodType<unknown> = hasProblems
    ? problemsSchema
    : z.strictObject({ rows: rowsSchema(scenario) });
  return { ...(requireShape(schema, parsed, 'the result') as HandedIn), key } as PointResult;
}

function json(text: string, what: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text);
  } catch {
    throw new MalformedMessage(`${what} is no JSON`);
  }
}

/** Mistakes that are told of one message; others are of the same kind. */
const MOST_TOLD = 3;

/**
 * The value as the schema gives it.
 * @throws MalformedMessage with what is wrong
 */
export function requireShape<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const { value: parsed, problems } = checkAgainst(schema, value);
  if (problems.length === 0) return parsed as z.output<S>;
  throw malformed(
    what,
    problems.map((problem) => {
      const path = formatPath(problem.path);
      return path === '' ? problem.what : `${path} ${problem.what}`;
    }),
  );
}

function malformed(what: string, wrong: readonly string[]): MalformedMessage {
  const told = wrong.slice(0, MOST_TOLD);
  const left = wrong.length - told.length;
  const more = left > 0 ? ` (and ${left} more)` : '';
  return new MalformedMessage(printable(`${what}: ${told.join(', ')}${more}`));
}
