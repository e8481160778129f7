import {
  isTensorRt,
  type ModelConfig,
  PLAIN_BATCHING,
  servingInstances,
} from '../../scenario/model-config.js';
import { payloadOf } from '../../scenario/tensor-bytes.js';
import { activeInstances, instancesSideBySide } from '../experiment.js';
import type { SummarySetup } from '../summary/observation.js';

/** What a result table does not say of the model behind it. */
export interface SetupFacts {
  readonly model: string;
  readonly device: string;
  readonly protocol: SummarySetup['protocol'];
  readonly config?: ModelConfig | undefined;
  /** Instances that execute side by side on a device; those of the configuration where it is not given, else 1. */
  readonly instances?: number | undefined;
  /**
   * Largest batch: overrides that of the configuration. Without a configuration the model batches up to this
   * many inferences; with neither, each request runs alone.
   */
  readonly maxBatchSize?: number | undefined;
}

/** A set-up for the fit, and what had to be assumed for it. */
export interface AssumedSetup {
  readonly setup: SummarySetup;
  readonly assumed: readonly string[];
}

/** @param largestRequest most inferences in a request of the table: what a batch is assumed to hold where nobody says */
export function summarySetup(facts: SetupFacts, largestRequest: number): AssumedSetup {
  const { model, device, protocol } = facts;
  const config =
    facts.config === undefined
      ? assumedConfig(facts, largestRequest)
      : limited(facts.config, facts.maxBatchSize);
  const sideBySide = instancesSideBySide(config);
  const devices = Math.ceil(activeInstances(config) / sideBySide);
  return {
    setup: {
      model,
      device,
      config,
      instances: facts.instances ?? sideBySide,
      ...(devices > 1 && { devices }),
      pipelined: isTensorRt(config) && config.eagerBatching === true,
      takesTurns: isTensorRt(config) && config.eagerBatching !== true,
      payload: payloadOf(facts.config),
      protocol,
    },
    assumed: [
      ...(facts.config !== undefined ? [] : [assumedBatching(facts.maxBatchSize)]),
      ...(facts.instances !== undefined || servingInstances(config) > 0 ? [] : ['One instance is assumed.']),
    ],
  };
}

/** Model Analyzer measures variants of a configuration that differ in the largest batch. */
function limited(config: ModelConfig, maxBatchSize: number | undefined): ModelConfig {
  if (maxBatchSize === undefined || maxBatchSize === config.maxBatchSize) return config;
  const { dynamicBatching } = config;
  if (dynamicBatching === undefined) return { ...config, maxBatchSize };
  // Triton puts the largest batch where no size is preferred: alone it goes with the largest.
  const sizes = dynamicBatching.preferredBatchSizes;
  const isDefault = sizes.length === 1 && sizes[0] === config.maxBatchSize;
  const kept = isDefault ? [] : sizes.filter((size) => size <= maxBatchSize);
  const preferredBatchSizes = kept.length > 0 ? kept : [maxBatchSize];
  return { ...config, maxBatchSize, dynamicBatching: { ...dynamicBatching, preferredBatchSizes } };
}

function assumedBatching(maxBatchSize: number | undefined): string {
  return maxBatchSize === undefined || maxBatchSize === 0
    ? 'Without a config.pbtxt each request is taken to execute alone.'
    : `Without a config.pbtxt dynamic batching up to ${maxBatchSize} with Triton's defaults is assumed.`;
}

function assumedConfig({ model, maxBatchSize }: SetupFacts, largestRequest: number): ModelConfig {
  const most = maxBatchSize ?? largestRequest;
  return {
    name: model,
    platform: '',
    backend: '',
    maxBatchSize: most,
    inputs: [],
    outputs: [],
    instanceGroups: [],
    ...(maxBatchSize !== undefined &&
      maxBatchSize > 0 && {
        dynamicBatching: { ...PLAIN_BATCHING, preferredBatchSizes: [most] },
      }),
  };
}
