import type { Scenario, ServedModel } from '../../scenario/scenario.js';
import { withSetting } from './setting.js';
import type { Candidate, TuneSpace } from './space.js';

/** The scenario with the settings of a candidate; its load is already that of the scenario. */
export function withSettings(scenario: Scenario, space: TuneSpace, candidate: Candidate): Scenario {
  const changes = new Map(
    space.models.flatMap(({ places, settings }, i) =>
      places.map(({ server, model }) => [`${server} ${model}`, settings[candidate.settings[i]!]!] as const),
    ),
  );
  const servers = scenario.servers.map((server, s) => ({
    ...server,
    models: server.models.map((model, m) => {
      const setting = changes.get(`${s} ${m}`);
      return setting === undefined ? model : withSetting(model, setting, server);
    }),
  }));
  return { ...scenario, servers };
}

/** Whether what the models keep on each device fits into it, as far as their memory is known. */
export function scenarioFitsMemory({ servers }: Scenario): boolean {
  return servers.every(({ devices, models }) =>
    devices.every(
      ({ memoryMb }, device) => models.reduce((sum, model) => sum + memoryOf(model, device), 0) <= memoryMb,
    ),
  );
}

function memoryOf({ instances }: ServedModel, device: number): number {
  const here = instances.filter((instance) => instance.device === device);
  const { modelMb = 0, perInstanceMb = 0, known = false } = here[0]?.profile.memory ?? {};
  return known ? modelMb + perInstanceMb * here.length : 0;
}
