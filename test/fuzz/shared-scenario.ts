import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A short scenario, in a file, that sweeps and expectations may name: two models on two servers, open and closed loads. */
export const SHARED_SCENARIO = `perseus: 1
name: shared
durationS: 0.2
profiles: ['${ROOT}calibration/t4/resnet50-onnx*', '${ROOT}calibration/t4/bert-large*', ${ROOT}calibration/p4]
servers:
  - name: one
    machine: {kind: g4dn.xlarge, usdPerHour: 0.5}
    network: {requestDelayUs: 100, bandwidthMbps: 1000}
    devices: [{name: gpu0, kind: Tesla T4, sharing: streams}]
    models:
      - name: resnet50
        profile: resnet50-onnx-trt-fp16
        config:
          max_batch_size: 8
          instance_group: [{count: 2, kind: KIND_GPU}]
          dynamic_batching: {preferred_batch_size: [4, 8], max_queue_delay_microseconds: 1000}
      - {name: bert, profile: bert-large-trt-fp16, config: {max_batch_size: 4, dynamic_batching: {}}}
  - name: two
    devices: [{name: gpu0, kind: Tesla P4}]
    models:
      - {name: resnet50, config: {max_batch_size: 4}}
tenants:
  - {name: photos, model: resnet50, load: {process: {kind: poisson, ratePerS: 200}}, slo: {percentile: 95, limitMs: 30}}
  - {name: words, model: bert, load: {closedLoop: {concurrency: 3, thinkMs: 2}}}
  - {name: replay, model: resnet50, load: {trace: {file: ${ROOT}traces/seed-two-clients.csv.gz, tenant: resnet50, toS: 0.2}}}
`;

/** A text of the repository that names files by how they lie from its folder, as it may stand anywhere. */
export function withAbsolutePaths(text: string): string {
  return text
    .replaceAll(/(\.\.\/)+(calibration|traces)\b/g, `${ROOT}$2`)
    .replaceAll(/\.\.\/scenarios\b/g, `${ROOT}examples/scenarios`);
}
