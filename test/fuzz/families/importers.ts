import { type ImportOptions, importers, importTrace } from '../../../src/trace/importers.js';
import { checkTrace } from '../check-trace.js';
import { chance, pick, type Random, words } from '../choose.js';
import { type Family, INPUT_FILE, textFamily } from '../family.js';
import { type Language, mistakenText } from '../mutate-text.js';
import { mutateValue, toJson } from '../mutate-value.js';

/** What other systems write, for every importer. */
export function importerFamilies(): readonly Family[] {
  return Object.keys(importers).map((name) =>
    textFamily({
      name: `import-${name}`,
      generate: (random) => inputFor(random, name),
      read: (text) => checkTrace(importTrace(name, text, optionsFor(name, text))),
    }),
  );
}

/** Small enough that an accepted input takes no time. */
const MAX_REQUESTS = 20_000;

const OPTIONS: readonly ImportOptions[] = [
  {},
  {},
  { fromUs: 60_000_000 },
  { fromUs: 0, toUs: 120_000_000 },
  { tenant: 'me', tenantBy: 'app', experiment: 0, rateScale: 0.01 },
  { spread: 'even', tenantBy: 'owner', experiment: 1, binUs: 600_000_000 },
  { spread: 'uniform', seed: 'x', binUs: 60_000_000 },
];

/** Of a source whose answers do not say all. */
const PROMETHEUS_OPTIONS: readonly ImportOptions[] = [
  {},
  { tenant: 'me', binUs: 7_000_000 },
  { tenant: 'me', spread: 'even', fromUs: 15_000_000, toUs: 45_000_000 },
  { values: 'counter', tenantBy: 'app', tenant: 'me' },
  { values: 'rate', tenant: 'me' },
];

/** Options that follow from the text, so that an input read again is read alike. */
function optionsFor(name: string, text: string): ImportOptions {
  const options = name === 'prometheus' ? PROMETHEUS_OPTIONS : OPTIONS;
  const chosen = options[text.length % options.length];
  return { maxRequests: MAX_REQUESTS, ...chosen, file: INPUT_FILE };
}

function inputFor(random: Random, name: string): string {
  const values = JSON_SAMPLES[name];
  if (values !== undefined && chance(random, 0.6)) {
    return toJson(mutateValue(random, pick(random, values)), pick(random, [0, 1]));
  }
  const language = LANGUAGES[name] ?? {
    samples: (values ?? [[]]).map((value) => toJson(value, 1)),
    words: JSON_WORDS,
  };
  return mistakenText(random, language);
}

const JSON_WORDS = [
  ...['{', '}', '[', ']', ':', ',', '"id":', '"timestamps":', 'null', '"requests":', '-1'],
  ...['"metric":', '"values":', '"matrix"', '"vector"', '"__name__":', '"NaN"', '1700000000.5'],
];

const PERF_ANALYZER = {
  experiments: [
    {
      experiment: { mode: 'concurrency', value: 2 },
      requests: [
        { timestamp: 5_000_000, response_timestamps: [9_000_000] },
        { timestamp: 1_000_000, response_timestamps: [3_000_000, 3_500_000], sequence_id: 4 },
        { timestamp: 6_000_000, response_timestamps: [] },
      ],
      window_boundaries: [0, 10_000_000],
    },
    {
      experiment: { mode: 'request_rate', value: 10.5 },
      requests: [{ timestamp: 7000, response_timestamps: [8000] }],
    },
  ],
  version: '2.59.0',
};

const TRITON_TRACE = [
  { id: 2, timestamps: [{ name: 'REQUEST_START', ns: 12_000 }] },
  { id: 1, model_name: 'resnet', model_version: 1, request_id: 'r-1' },
  {
    id: 1,
    timestamps: [
      { name: 'GRPC_WAITREAD_START', ns: 0 },
      { name: 'GRPC_WAITREAD_END', ns: 9000 },
    ],
  },
  { id: 1, timestamps: [{ name: 'QUEUE_START', ns: 10_000 }] },
  { id: 2, model_name: 'bert', model_version: 3 },
  { id: 3, model_name: 'step', model_version: 1, parent_id: 2 },
  { id: 3, timestamps: [{ name: 'queue start', ns: 13_000 }] },
];

/** Samples 15 s apart, as a range query answers them. */
function prometheusValues(...values: readonly (number | string)[]): readonly (readonly [number, string])[] {
  return values.map((value, i) => [1_700_000_000 + 15 * i, String(value)]);
}

function prometheusAnswer(...result: readonly object[]): object {
  return { status: 'success', data: { resultType: 'matrix', result } };
}

const PROMETHEUS_COUNTERS = prometheusAnswer(
  {
    metric: { __name__: 'nv_inference_request_success', model: 'resnet', version: '1', instance: 'a:8002' },
    values: prometheusValues(100, 130, 'NaN', 190, 12, 40),
  },
  {
    metric: { instance: 'b:8002', __name__: 'nv_inference_request_success', model: 'resnet', app: 'x' },
    values: prometheusValues(0, 0, 7),
  },
);

const PROMETHEUS_RATES = prometheusAnswer(
  { metric: { model: 'resnet', app: 'shop' }, values: prometheusValues(2, '2.5', '+Inf', 0.4, 1e-3) },
  { metric: { model: 'bert', app: 'shop' }, values: [[1_700_000_045.25, '0.7'], ...prometheusValues(3)] },
);

const JSON_SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  'perf-analyzer': [PERF_ANALYZER, { experiments: [PERF_ANALYZER.experiments[0]] }],
  'triton-trace': [TRITON_TRACE],
  prometheus: [
    PROMETHEUS_COUNTERS,
    PROMETHEUS_RATES,
    [{ metric: { __name__: 'requests_total', owner: 'x', model: 'm' }, values: prometheusValues(1, 5, 2) }],
    prometheusAnswer({
      metric: { __name__: 'nv_inference_request_success', model: 'bert' },
      values: [0.5, 15.25, 30.125, 45.5].map((s, i) => [1_700_000_000 + s, `${7 * i}`]),
    }),
    { status: 'error', errorType: 'bad_data', error: 'unknown function' },
  ],
};

const MINUTES = Array.from({ length: 12 }, (_, minute) => minute + 1).join(',');

/** Made-up excerpts in the forms of the originals. */
const LANGUAGES: Readonly<Record<string, Language>> = {
  'azure-functions-2019': {
    samples: [
      `HashOwner,HashApp,HashFunction,Trigger,${MINUTES}\no1,a1,f1,http,3,0,0,0,0,0,0,0,0,0,0,1\no1,a1,f2,timer,2,0,5,0,0,0,0,0,9,0,0,0\n`,
      `HashOwner,HashApp,HashFunction,Trigger,1,2\r\no,a,f,queue,0,0\r\n`,
    ],
    words: ['HashOwner', '1', '1440', ',', ',,', '\n', '-1', 'http'],
  },
  'azure-functions-2021': {
    samples: [
      'app,func,end_timestamp,duration\nA,f,79.25,0.25\nB,f,10,10.5\nA,g,12,1\n',
      'app,func,start_s,end_s,duration_s\n0,0,100.001,100.079,0.078\n1,0,100,160,60\n',
    ],
    words: ['app', 'func', 'duration', ',', '\n', '-1', '1e300', '""'],
  },
  'azure-llm-2023': {
    samples: [
      'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319569,3180,8\n',
      'TIMESTAMP\n2024-05-10T00:00:00.009930+00:00\n2024-05-10T00:00:00.009930Z\n2024-05-09 23:59:60\n',
      't_s,ContextTokens\n0.5,1\n0.25,2\n100,3\n',
    ],
    words: words(
      'TIMESTAMP t_s , +99:99',
      ...['\n', '2023-11-16 18:17:03', '9999-12-31 23:59:59', '0000-01-01 00:00:00'],
    ),
  },
  servegen: {
    samples: [
      '0,1,1.1,Gamma,0.8,1.2\n600,0,,,,\n1200,2,1.2,Weibull,0.9,1\n',
      'client,t_s,rate_per_s,iat_cv,iat_dist,param1,param2\n1,0,5,2,Gamma,0,0\n2,0,1,0.5,Weibull,0,0\n2,600,3,,,,\n',
    ],
    words: ['client', 't_s', 'Gamma', 'Weibull', '600', ',', ',,', '\n', '0.001', '100'],
  },
  table: {
    samples: [
      'timestamp,user\n2024-05-10T00:00:00Z,a\n2024-05-10 00:00:00.250,b\n',
      '{"timestamp": "2024-05-10T00:00:01Z", "user": "a"}\n{"timestamp": "2024-05-10T00:00:00Z"}\n',
    ],
    words: ['timestamp', '2024-05-10T00:00:00Z', '1715299200', ',', '\n', '{', '"timestamp":', 'null'],
  },
  counts: {
    samples: ['1 2 3\n4\n', '0,0,17\n5;3\n', '10\r\n20\r\n0\r\n'],
    words: ['0', '20000', ',', ';', '\n', '-1', '1.5'],
  },
};
