import { dirname, join, resolve, sep } from 'node:path';
import * as z from 'zod';
import { parseDocumentWith } from '../../base/document.js';
import type { Path } from '../../base/path.js';
import { InputError, type Problem, ProblemList, placed, problemsOf } from '../../base/problem.js';
import { filePath } from '../../scenario/spec/values.js';
import { guessesText } from '../../scenario/starter/model-points.js';
import { readAxes, setAt } from '../../sweep/axis.js';
import { type Condition, parseCondition } from '../../sweep/condition/condition.js';
import { type Combination, designPoints } from '../../sweep/design.js';
import { scenarioField } from '../../sweep/scenario-field.js';
import { parseSweepSpec, type SweepDocument, type SweepSpec, seedAxisOf } from '../../sweep/spec.js';
import { placeOfNamed } from '../files/named-path.js';
import { readText } from '../files/read-text.js';
import { SHIPPED_PROFILES } from '../scenario/shipped-profiles.js';
import { type BaseScenario, readBaseScenario } from './base-scenario.js';
import type { Library } from './content-library.js';
import { PointChecker, type SweepPoint } from './point-checker.js';

export interface PreparedSweep {
  readonly file: string;
  readonly spec: SweepSpec;
  readonly scenarioFile: string;
  readonly axes: readonly string[];
  readonly points: readonly SweepPoint[];
  readonly library: Library;
  /** What must hold of profiles that nobody filled in; undefined where there are none. */
  readonly profileGuesses: string | undefined;
}

/**
 * Reads a sweep file and its scenario, and checks the scenario of every point. No arrivals are drawn.
 * @throws InputError with everything that is wrong in any of them
 */
export async function prepareSweep(
  file: string,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<PreparedSweep> {
  const text = await readText(file);
  const document = parseSweepSpec(text, { file });
  if (document.value === undefined)
    throw new InputError([...document.problems, ...(await baseProblems(text, file))]);
  const spec = document.value;
  const base = await readBase(file, spec.scenario, document);
  const { axes, combinations } = readDesign(document, spec, base);
  const checker = new PointChecker(base, axes, resolve(dirname(file)));
  const points: SweepPoint[] = [];
  for (const [i, levels] of combinations.entries()) {
    const point = await checker.check(i + 1, levels);
    if (point !== undefined) points.push(point);
    onProgress(i + 1, combinations.length);
  }
  checker.problems.throwIfAny(combinations.length);
  const { library } = checker;
  const profileGuesses = guessesText([...library.profiles.values()]);
  return { file, spec, scenarioFile: base.file, axes, points, library, profileGuesses };
}

function readBase(file: string, scenario: string, { positionOf }: Pick<SweepDocument, 'positionOf'>) {
  return readBaseScenario(resolve(dirname(file), scenario), positionOf(['scenario']));
}

/** What is wrong with the scenario that a sweep file names which has mistakes of its own. */
async function baseProblems(text: string, file: string): Promise<readonly Problem[]> {
  const document = parseDocumentWith(z.looseObject({ scenario: filePath }), text, { file });
  if (document.value === undefined) return [];
  try {
    return (await readBase(file, document.value.scenario, document)).problems;
  } catch (error) {
    return problemsOf(error);
  }
}

/** The names of the axes and the combinations of their levels; `set` is done to the base before. */
function readDesign(
  document: SweepDocument,
  spec: SweepSpec,
  base: BaseScenario,
): { axes: string[]; combinations: Combination[] } {
  const folder = dirname(document.positionOf([]).file ?? '.');
  const problems = new ProblemList();
  const attempt = <T>(path: Path, action: () => T) => problems.attempt(action, document.positionOf(path));
  for (const [field, value] of Object.entries(spec.set)) {
    attempt(['set', field], () => setAt(base.document, scenarioField(field), value));
  }
  const axes = readAxes(
    document,
    {
      base: base.document,
      resolvePath: (path) => placeOfNamed(path, folder),
      shippedProfiles: (name) => ownCopy(base, name) ?? join(SHIPPED_PROFILES, name),
    },
    problems,
  );
  const names = axes.map(({ name }) => name);
  const conditions = spec.where.flatMap((text, i): Condition[] => {
    const condition = attempt(['where', i], () => parseCondition(text, names));
    // What cannot be computed shows at the first point for which it cannot.
    return condition === undefined
      ? []
      : [(values) => placed(document.positionOf(['where', i]), () => condition(values))];
  });
  const throwIfAny = () => {
    if (problems.problems.length > 0) throw new InputError([...base.problems, ...problems.problems]);
  };
  throwIfAny();
  const endless = spec.design.kind === 'grid' ? axes.findIndex(({ range }) => range !== undefined) : -1;
  const blamed = endless < 0 ? ['design'] : ['axes', endless, 'range'];
  const combinations = attempt(blamed, () => designPoints(axes, spec.design, conditions, seedAxisOf(spec)));
  if (combinations?.length === 0) {
    const what = 'no combination of the axes fulfils all conditions';
    problems.add({ ...document.positionOf(['where']), what, remedy: 'loosen them' });
  }
  throwIfAny();
  return { axes: names, combinations: combinations! };
}

/** The folder of a project that `perseus init --example` copied shipped profiles to, where the scenario names it. */
function ownCopy({ document: { profiles } }: BaseScenario, name: string): string | undefined {
  const paths = Array.isArray(profiles) ? profiles.filter((path) => typeof path === 'string') : [];
  return paths.find((path) => path.endsWith(join(sep, 'calibration', name)));
}
