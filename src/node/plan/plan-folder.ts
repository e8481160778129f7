import { dirname, join } from 'node:path';
import { canonicalJson } from '../../base/canonical-json.js';
import { withComment, yamlText } from '../../base/yaml-text.js';
import type { Placement } from '../../plan/placement.js';
import type { PlanResult } from '../../plan/plan.js';
import type { PlanProblem } from '../../plan/problem-setting.js';
import { type PlainScenario, scenarioOf } from '../../plan/scenario-of.js';
import { formatSetting } from '../../report/format.js';
import type { PlanReport } from '../../report/plan/plan-report.js';
import { planToText } from '../../report/plan/plan-text.js';
import { checkScenario } from '../../scenario/check.js';
import { scenarioSpecSchema } from '../../scenario/spec.js';
import { type EmitOptions, writePlacement } from '../emit/emit-files.js';
import { rebasedPath } from '../files/rebased-path.js';
import { writeResultFolder } from '../output/result-folder.js';
import { readResources } from '../scenario/scenario-files.js';

const ANSWER = 'plan.json';

export interface PlannedFile {
  readonly file: string;
  readonly problem: PlanProblem;
  readonly result: PlanResult;
  readonly report: PlanReport;
}

/** Writes the answer as JSON, text and a page, and a scenario for every placement. */
export async function writePlanFolder(path: string, planned: PlannedFile): Promise<void> {
  const { file, problem, result, report } = planned;
  const { planToHtml } = await import('../../report/html/plan-page.js');
  await writeResultFolder(path, 'plan', async (folder) => {
    await folder.write(ANSWER, canonicalJson(report, ['format', 'name']));
    await folder.write('plan.txt', planToText(report));
    await folder.write('report.html', planToHtml(report, { scenarioHref, stepHref }));
    const steps = result.migration?.steps ?? [];
    const files = [
      ...result.candidates.map(({ placement }, i) => ({ placement, name: scenarioHref(i + 1) })),
      ...steps.map(({ placement }, i) => ({ placement, name: stepHref(i + 1) })),
    ];
    for (const { placement, name } of files) {
      const scenario = scenarioFrom(file, problem, placement, join(path, 'scenarios'));
      await folder.write(name, withComment(noteOf(planned), yamlText(scenario)));
    }
    await folder.copyFile(file, 'plan.yaml');
  });
}

function scenarioHref(number: number): string {
  return `scenarios/placement-${number}.yaml`;
}

/** A step from the current placement. */
function stepHref(number: number): string {
  return `scenarios/step-${number}.yaml`;
}

/** What a reader of a scenario must know of the plan that it comes from. */
function noteOf({ problem, result }: Pick<PlannedFile, 'problem' | 'result'>): string | undefined {
  const notes = [...(result.interrupted === true ? [INTERRUPTED_NOTE] : []), ...marginNotes(problem)];
  return notes.length === 0 ? undefined : notes.join(' ');
}

const INTERRUPTED_NOTE =
  'The search was interrupted: this is of the best that it had found, and not of its answer.';

/** A scenario has no margin: what its servers are expected to do is what was measured, and faster than what was planned. */
function marginNotes({ spec: { marginPercent } }: PlanProblem): string[] {
  if (marginPercent === 0) return [];
  const planned = `Planned with marginPercent: ${formatSetting(marginPercent)}, which a scenario does not have`;
  return [`${planned}: simulated from here, everything takes what its profile says.`];
}

/** The scenario of a placement as a file in the folder `to` must write it. */
function scenarioFrom(file: string, problem: PlanProblem, placement: Placement, to: string): PlainScenario {
  const rebase = (path: string) => rebasedPath(path, dirname(file), to);
  return scenarioOf(problem, placement, {
    name: problem.spec.name,
    profiles: problem.spec.profiles.map(rebase),
    isWritten: true,
    load: ({ load }) =>
      load.trace === undefined ? load : { ...load, trace: { ...load.trace, file: rebase(load.trace.file) } },
  });
}

/**
 * Model repositories and manifests of the chosen placement.
 * @throws InputError when the folder is the user's own or a name cannot be a folder's
 */
export async function emitPlanned(
  planned: PlannedFile,
  options: Omit<EmitOptions, 'scenarioFile'>,
): Promise<readonly string[]> {
  const { file, problem, result } = planned;
  const { placement } = result.candidates[result.chosen!]!;
  const spec = scenarioSpecSchema.parse(scenarioFrom(file, problem, placement, dirname(file)));
  const resources = await readResources(spec, dirname(file));
  const { scenario } = checkScenario({ spec, problems: [], positionOf: () => ({}) }, resources);
  return writePlacement(
    { spec, scenario, resources },
    { ...options, scenarioFile: file, note: noteOf(planned) },
  );
}
