import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readResources } from '../../src/node/scenario/scenario-files.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { sliceTrace } from '../../src/trace/transform.js';
import { shippedFiles } from './samples.js';

/** The scenarios that perseus ships: their texts, and all files that any of them names. */
export interface ShippedScenarios {
  readonly texts: readonly string[];
  readonly resources: ScenarioResources;
}

/** Traces are cut to a few seconds: inputs are many, and what is read of a trace is alike. */
export async function shippedScenarios(): Promise<ShippedScenarios> {
  const files = shippedFiles('examples/scenarios', '.yaml').filter((file) => !file.includes('/models/'));
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const parts = await Promise.all(
    texts.map((text, i) => readResources(parseScenarioSpec(text).spec!, dirname(files[i]!))),
  );
  const prices = parts.find((part) => part.prices !== undefined)?.prices;
  return {
    texts,
    resources: {
      profiles: new Map(parts.flatMap(({ profiles }) => [...profiles])),
      configs: new Map([
        ...parts.flatMap(({ configs }) => [...configs]),
        ['broken.pbtxt', { value: { file: join('models', 'broken.pbtxt'), text: 'max_batch_size 8' } }],
      ]),
      traces: new Map([...parts.flatMap(({ traces }) => [...traces])].map(shortTrace)),
      ...(prices === undefined ? {} : { prices }),
    },
  };
}

const TRACE_US = 4_000_000;

type TraceEntry = readonly [string, NonNullable<ReturnType<ScenarioResources['traces']['get']>>];

function shortTrace([path, { value, ...rest }]: TraceEntry): TraceEntry {
  return [
    path,
    { ...rest, ...(value === undefined ? {} : { value: sliceTrace(value, { toUs: TRACE_US }) }) },
  ];
}
