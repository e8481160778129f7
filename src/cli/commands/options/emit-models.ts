import { InputError } from '../../../base/problem.js';
import type { PlanProblem } from '../../../plan/problem-setting.js';

/** Of every command that writes model repositories. */
export const emitModelsOption = {
  type: 'string',
  describe:
    'Model repository whose version folders (1, 2 …) are linked into the new ones, and whose config.pbtxt says what the scenario leaves open',
} as const;

/**
 * Looks before a long search whether what it finds can be emitted.
 * @throws InputError where Triton or Kubernetes does not take a name, where `--models` lacks one of the models or has it in a form
 *   that cannot be simulated, and where nothing is to be emitted
 */
export async function requireModels(
  { emit, models }: { readonly emit?: string | undefined; readonly models?: string | undefined },
  plan: Pick<PlanProblem, 'spec' | 'workloads'>,
): Promise<void> {
  if (emit === undefined && models === undefined) return;
  if (emit === undefined)
    throw InputError.of('--models is for what --emit writes', 'add --emit FOLDER, or leave --models out');
  const { requireDeployable } = await import('../../../node/emit/emit-files.js');
  await requireDeployable(models, plan);
}
