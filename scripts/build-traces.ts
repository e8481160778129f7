/**
 * Writes the traces that come with perseus, each beside a note on its origin, from the excerpts in
 * ../shared/data/traces. Run it with `npx tsx scripts/build-traces.ts`; it writes the same bytes
 * every time.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importTraceFile, writeTrace } from '../src/node/scenario/trace-files.js';
import { buildTrace } from '../src/trace/build.js';
import { formatTraceCsv } from '../src/trace/csv.js';
import { describeTrace } from '../src/trace/describe.js';
import { type Trace, traceLength } from '../src/trace/trace.js';
import { renameTenants, superposeTraces } from '../src/trace/transform.js';

const SOURCES = join(import.meta.dirname, '../../shared/data/traces');
const TARGET = join(import.meta.dirname, '../traces');

interface Bundle {
  readonly file: string;
  readonly title: string;
  readonly attribution: string;
  readonly licence: string;
  readonly origin: string;
  /** What was done to the original. */
  readonly changes: string;
  readonly build: () => Promise<Trace>;
}

const bundles: readonly Bundle[] = [
  {
    file: 'azure-llm-2023.csv.gz',
    title: 'Azure LLM inference trace 2023, code and conversation',
    attribution:
      'Microsoft; P. Patel et al., "Splitwise: Efficient generative LLM inference using phase splitting", ISCA 2024',
    licence: 'CC-BY 4.0',
    origin: 'Azure/AzurePublicDataset, data/AzureLLMInferenceTrace_{code,conv}.csv at b469a113',
    changes:
      'Arrivals only; token counts are left out. Tenant `code` is the one file, `conv` the other, each beginning at its own first request.',
    build: async () =>
      superposeTraces([
        await importTraceFile('azure-llm-2023', join(SOURCES, 'azure_llm_2023_code.csv'), { tenant: 'code' }),
        await importTraceFile('azure-llm-2023', join(SOURCES, 'azure_llm_2023_conv.csv'), { tenant: 'conv' }),
      ]),
  },
  {
    file: 'nasa-1995-busiest-hour.csv.gz',
    title: 'NASA web server 1995, busiest hour',
    attribution: 'Internet Traffic Archive; NASA Kennedy Space Center',
    licence:
      'The Archive lets its traces be redistributed freely, as far as we know; the counts were taken from a repository without a licence file',
    origin:
      'NASA-HTTP logs, counted per second by reconfigurable-ml-pipeline/web-service-datasets at 7404ad66',
    changes:
      'The log knows whole seconds only: the requests of a second are spaced evenly inside it, so gaps below a second are ours, not measured. One tenant, `web`.',
    build: () =>
      importTraceFile('counts', join(SOURCES, 'nasa_http_1995_busiest_hour_per_second.txt'), {
        tenant: 'web',
      }),
  },
  {
    file: 'seed-two-clients.csv.gz',
    title: "The plan of the two clients of the seed's test 9, four passes",
    attribution:
      'M. LeMay, S. Li, T. Guo, "Perseus: Characterizing Performance and Cost of Multi-Tenant Serving for CNN Models", IC2E 2020 (arXiv 1912.02322)',
    licence: 'Apache-2.0 (cake-lab/perseus@e01bd02)',
    origin:
      'Desired rates of passes 9 to 11 of ResNet-50 (158 to 160 per second, 5392 images each) and of Inception-V3 meanwhile (154); a client spaces its requests by 1/desired + 0.12 ms (calibration/seed/setups.json)',
    changes: 'Written out from the rates: the logs hold totals of passes, not single requests.',
    build: async () => seedClients(),
  },
  {
    file: 'azure-functions-2021-head.csv',
    title: 'Azure Functions Invocation Trace 2021, first 20 minutes',
    attribution:
      'Microsoft; Y. Zhang et al., "Faster and Cheaper Serverless Computing on Harvested Resources", SOSP 2021',
    licence: 'CC-BY 4.0',
    origin:
      'Azure/AzurePublicDataset, first 199 rows as copied by vhive-serverless/invitro (MIT), data/traces/example/Azure2021/Azure2021_200.csv at a1df6294',
    changes:
      'Arrivals only (end minus duration of every invocation). Hashes became small numbers; a tenant is one application, `app-N`.',
    build: async () => {
      const path = join(SOURCES, 'azure_functions_2021_head.csv');
      const trace = await importTraceFile('azure-functions-2021', path, { tenantBy: 'app' });
      return renameTenants(trace, Object.fromEntries(trace.tenants.map((app) => [app, `app-${app}`])));
    },
  },
];

/** Both clients from the moment at which the ninth pass of ResNet-50 begins until its eleventh is over. */
function seedClients(): Trace {
  const dispatchUs = 120;
  const gapsUs = [158, 159, 160].flatMap((desired) => Array<number>(5392).fill(1e6 / desired + dispatchUs));
  const resnet50 = spaced(gapsUs);
  const endUs = resnet50[resnet50.length - 1]!;
  const inceptionGapUs = 1e6 / 154 + dispatchUs;
  const inception = spaced(Array<number>(Math.floor(endUs / inceptionGapUs)).fill(inceptionGapUs));
  return superposeTraces([oneTenant('resnet50', resnet50), oneTenant('inception-v3', inception)]);
}

function spaced(gapsUs: readonly number[]): Float64Array {
  let atUs = 0;
  return Float64Array.from(gapsUs, (gapUs) => {
    const arrivalUs = Math.round(atUs);
    atUs += gapUs;
    return arrivalUs;
  });
}

function oneTenant(tenant: string, arrivalUs: Float64Array): Trace {
  const durationUs = arrivalUs[arrivalUs.length - 1]! + 1;
  return buildTrace({ tenants: [tenant], arrivalUs, tenant: new Uint16Array(arrivalUs.length), durationUs });
}

for (const bundle of bundles) {
  const trace = {
    ...(await bundle.build()),
    source: `${bundle.title}; ${bundle.attribution}; ${bundle.licence}`,
  };
  await writeTrace(join(TARGET, bundle.file), trace);
  await writeFile(join(TARGET, `${bundle.file.replace(/\.csv(\.gz)?$/, '')}.md`), formatNote(bundle, trace));
}

function formatNote(bundle: Bundle, trace: Trace): string {
  const { total, tenants } = describeTrace(trace);
  const rates = tenants.map(({ tenant, requests }) => `\`${tenant}\` ${requests}`).join(', ');
  const hash = createHash('sha256').update(formatTraceCsv(trace)).digest('hex');
  const rate = total.ratePerS === null ? '' : ` (${total.ratePerS.toFixed(3)} per second)`;
  return `# ${bundle.title}

| | |
|---|---|
| file | \`${bundle.file}\` |
| origin | ${bundle.origin} |
| attribution | ${bundle.attribution} |
| licence | ${bundle.licence} |
| changes | ${bundle.changes} |
| columns | \`arrival_us\`: whole microseconds since the start; \`tenant\`: name |
| length | ${trace.durationUs / 1e6} s, ${traceLength(trace)} requests${rate} |
| requests by tenant | ${rates} |
| SHA-256 of the CSV, unpacked | \`${hash}\` |

Written by \`scripts/build-traces.ts\`.
`;
}
