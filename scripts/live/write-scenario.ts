import { join } from 'node:path';
import { stringify } from 'yaml';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { writeModelConfigFields } from '../../src/scenario/triton/write-fields.js';
import type { LiveSet } from './live-set.js';
import type { LiveCase } from './scenarios.js';

/** Seconds of each live run, and those of them that are not counted. */
export const DURATION_S = 15;
export const WARM_UP_S = 1;

/** Writes a case as a scenario file: configurations as the server has them in force. */
export async function writeScenario(
  folder: string,
  { profiles, variants }: { readonly profiles: string } & Pick<LiveSet, 'variants'>,
  live: LiveCase,
  client: InferenceClient,
): Promise<string> {
  const models = await Promise.all(
    live.loads.map(async ({ model }) => {
      const { config } = await client.modelConfig(model);
      const profile = variants.find(({ name }) => name === model)?.profile;
      return {
        name: model,
        ...(profile !== undefined && { profile }),
        config: writeModelConfigFields(config),
      };
    }),
  );
  const scenario = {
    perseus: 1,
    name: live.name,
    durationS: DURATION_S,
    warmUpS: WARM_UP_S,
    profiles: [profiles],
    servers: [{ name: 'triton', models }],
    tenants: live.loads.map(({ model, load }) => ({
      name: model,
      model,
      load,
      slo: { percentile: 95, limitMs: live.group === 'onnx' ? 15 : 25 },
    })),
  };
  const file = join(folder, `${fileName(live.name)}.yaml`);
  await writeFileAtomically(file, stringify(scenario, { lineWidth: 110 }));
  return file;
}

export function fileName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
