import { hostname } from 'node:os';
import { isOnHost } from '../../calibrate/experiment.js';
import type { Fingerprint } from '../../calibrate/fingerprint.js';
import type { Observation } from '../../calibrate/observation.js';
import type { InferenceClient, LiveModelConfig, ServerFacts } from '../../live/inference-client.js';
import { buildInputs } from '../../live/input-data.js';
import { type InputsOf, requestTo } from '../../live/model-inputs.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import type { Provenance } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { hasFixedSize, leastBytes } from '../../scenario/tensor-bytes.js';

/** Kind of the device under which a profile is filed. */
export function deviceOf(config: ModelConfig, gpu = 'GPU'): string {
  return isOnHost(config) ? CPU_KIND : gpu;
}

/** Bytes of one inference as it was measured. */
export function payloadOf(config: ModelConfig, inputs: InputsOf, responseBytes = leastAnswer(config)) {
  const sent = buildInputs(config, { ...inputs(config), batchSize: 1 });
  return { requestBytes: sent.reduce((sum, { data }) => sum + data.length, 0), responseBytes };
}

/** Bytes of tensors in an answer to one inference, of models whose configuration does not tell. */
export async function measureAnswers(
  client: InferenceClient,
  configs: readonly ModelConfig[],
  inputs: InputsOf,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const config of configs) {
    const { name, outputs, decoupled, sequences } = config;
    if (outputs.every(hasFixedSize) || decoupled === true || sequences !== undefined) continue;
    // Its error stops the calibration where it is met again, and can be told better there.
    const bytes = await client.answerBytes(requestTo(config, 1, inputs)).catch(() => undefined);
    if (bytes !== undefined) found.set(name, Math.max(bytes, leastAnswer(config)));
  }
  return found;
}

function leastAnswer({ outputs }: ModelConfig): number {
  return outputs.reduce((sum, output) => sum + leastBytes(output), 0);
}

export interface Measurement {
  readonly live: readonly LiveModelConfig[];
  readonly facts: ServerFacts;
  readonly fingerprint: Fingerprint;
  readonly observations: readonly Observation[];
  readonly gpu: string | undefined;
}

export function provenanceOf(
  model: string,
  { live, facts, fingerprint, observations, gpu }: Measurement,
): Provenance {
  const config = live.find((each) => each.config.name === model)!.config;
  const dates = observations.map(({ measuredAt }) => measuredAt.slice(0, 10)).sort();
  return {
    source: `measured by perseus calibrate on ${hostname()}`,
    licence: 'own measurement',
    date: dates.at(-1) ?? 'unknown',
    gpu: deviceOf(config, gpu),
    driver: 'unknown',
    serverVersion:
      facts.release === undefined ? facts.version : `${facts.version} (release ${facts.release})`,
    backend: config.backend || config.platform || 'unknown',
    precision: config.inputs[0]?.dataType ?? 'unknown',
    notes: `load generator on ${fingerprint.client}; configuration ${fingerprint.models[model]}`,
    protocol: fingerprint.protocol ?? 'grpc',
    ...(fingerprint.sharedMemory !== undefined && { sharedMemory: fingerprint.sharedMemory }),
  };
}
