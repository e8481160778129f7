/** Name of the scenario in what is exported. */
export const SCENARIO_FILE = 'scenario.yaml';
