/** Name of the scenario in what is exported. */
export const SCENARIO_FILE = 'scenario.yaml';

/** A name that files and command lines take as it is: no option, and not empty. */
export function downloadNameOf(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '') || 'scenario';
}
