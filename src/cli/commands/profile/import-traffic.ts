import type { Options } from 'yargs';
import type { TrafficFit } from '../../../calibrate/traffic/traffic-profile.js';
import { checkGiven } from '../../check-values.js';
import {
  counterOptions,
  factOptions,
  profilesOfCounters,
  profilesOfTrace,
  type TrafficArguments,
  traceOptions,
} from './traffic-options.js';

/** A source of production traffic that `profile import` makes profiles of. */
export interface TrafficImporter {
  /** What the command line calls it. */
  readonly name: string;
  readonly describe: string;
  /** The files it takes, for its help. */
  readonly files: { readonly describe: string; readonly most: number; readonly several?: string };
  readonly options: Readonly<Record<string, Options>>;
  readonly examples: readonly (readonly [command: string, describe: string])[];
  /** @throws InputError with everything that is wrong with the files */
  readonly run: (files: readonly string[], args: TrafficArguments) => Promise<readonly TrafficFit[]>;
}

/** Calibration from production traffic, without a load test. */
export const trafficImporters: readonly TrafficImporter[] = [
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
