import { checkGiven } from '../../check-values.js';
import type { ProfileImporter } from './importer.js';
import {
  counterOptions,
  factOptions,
  profilesOfCounters,
  profilesOfTrace,
  type TrafficArguments,
  traceOptions,
} from './traffic-options.js';

/** Calibration from production traffic, without a load test. */
export const trafficImporters: readonly ProfileImporter<TrafficArguments>[] = [
  {
    name: 'triton-trace',
    describe: "Triton's trace file of production traffic (level=TIMESTAMPS, rate=1): a profile per model",
    files: {
      describe: 'Trace file',
      most: 1,
      several:
        'triton-trace takes 1; put those of one server together first: jq -s add trace.json.* > all.json',
    },
    options: { ...factOptions, ...traceOptions },
    examples: [
      [
        '$0 profile import triton-trace trace.json --device "Tesla T4" --config models --out profiles',
        'every model of the trace',
      ],
    ],
    run: async ([file], args) => {
      checkGiven({ '--device': args.device });
      return profilesOfTrace(file!, args);
    },
  },
  {
    name: 'prometheus',
    describe: 'Counters of production traffic: pages of /metrics, or answers of Prometheus',
    files: {
      describe: 'Pages of /metrics in order of time, or JSON answers of /api/v1/query_range',
      most: Number.POSITIVE_INFINITY,
    },
    options: { ...factOptions, ...counterOptions },
    examples: [
      [
        '$0 profile import prometheus 10h.txt 11h.txt 12h.txt --device CPU --out profiles',
        'scrapes of three hours',
      ],
    ],
    run: async (files, args) => {
      checkGiven({ '--device': args.device });
      return profilesOfCounters(files, args);
    },
  },
];
