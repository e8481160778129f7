import { yamlText } from '../base/yaml-text.js';
import { GRPC_THREADS_SINCE } from '../scenario/check/grpc-threads.js';
import type { Server } from '../scenario/scenario.js';

/** One Triton process as it is deployed. */
export interface Deployed {
  /** Name of the Kubernetes objects: a DNS label. */
  readonly label: string;
  /** Folder of its model repository on the volume. */
  readonly repository: string;
  readonly server: Server;
  /** Indices of the server's devices that the process has. */
  readonly devices: readonly number[];
  /** Processes of the server, which share its cores. */
  readonly processes: number;
  /** Names of the models that it loads. */
  readonly models: readonly string[];
  readonly replicas: number;
}

/** Claim of the volume that holds the model repositories. */
export const REPOSITORY_CLAIM = 'model-repositories';

/** Label by which nodes say which GPU they have, where a cluster has several kinds. */
const GPU_KIND_LABEL = 'perseus/gpu-kind';

/** A Deployment and a Service for one Triton process, as YAML with a comment on what it takes. */
export function kubernetesManifest(deployed: Deployed): string {
  const documents = [deployment(deployed), service(deployed)];
  const text = documents.map((document) => yamlText(document));
  return `${comment(deployed)}---\n${text.join('---\n')}`;
}

function comment({ server, devices }: Deployed): string {
  const kind = kindOf(server, devices);
  const lines = [
    `The volume behind the claim ${REPOSITORY_CLAIM} holds what is in the folder model-repositories,`,
    'with the version folders of each model beside its config.pbtxt (perseus emit --models puts them there).',
    ...(kind === undefined
      ? []
      : [
          `Nodes with this GPU carry the label: kubectl label node NAME ${GPU_KIND_LABEL}=${labelValue(kind)}`,
        ]),
    ...sharingNotes(server, devices),
    ...(server.options.tritonVersion < FIRST_TRITON
      ? [`Before ${FIRST_TRITON} the server was called tensorrtserver: image and flags have other names.`]
      : []),
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}

/** The release that brought the name, the image and the flags used here. */
const FIRST_TRITON = '20.03';

/** What a process in a pod does not do by itself. */
function sharingNotes({ devices }: Server, used: readonly number[]): string[] {
  const modes = new Set(used.map((device) => devices[device]!.sharing.mode));
  return [
    ...(modes.has('timeSlices') || modes.has('mps')
      ? ['The scenario shares this GPU between processes; one Triton process shares it by streams instead.']
      : []),
    ...(modes.has('mig')
      ? [
          'MIG slices are requested by name, as the NVIDIA device plugin offers them under its mixed strategy.',
        ]
      : []),
  ];
}

function deployment(deployed: Deployed): object {
  const { label, replicas, server, devices } = deployed;
  const kind = kindOf(server, devices);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: label, labels: { app: label } },
    spec: {
      replicas,
      selector: { matchLabels: { app: label } },
      template: {
        metadata: { labels: { app: label } },
        spec: {
          ...(kind === undefined ? {} : { nodeSelector: { [GPU_KIND_LABEL]: labelValue(kind) } }),
          containers: [container(deployed)],
          volumes: [
            { name: 'models', persistentVolumeClaim: { claimName: REPOSITORY_CLAIM, readOnly: true } },
            // Stubs of the Python backend talk to the server through shared memory.
            { name: 'shared-memory', emptyDir: { medium: 'Memory' } },
          ],
        },
      },
    },
  };
}

function container(deployed: Deployed): object {
  const { server, models, repository } = deployed;
  return {
    name: 'triton',
    image: `nvcr.io/nvidia/tritonserver:${server.options.tritonVersion}-py3`,
    command: ['tritonserver'],
    args: tritonArguments(server, models),
    ports: [
      { name: 'http', containerPort: 8000 },
      { name: 'grpc', containerPort: 8001 },
      { name: 'metrics', containerPort: 8002 },
    ],
    resources: resources(deployed),
    ...probes(),
    volumeMounts: [
      { name: 'models', mountPath: MODELS, subPath: repository, readOnly: true },
      { name: 'shared-memory', mountPath: '/dev/shm' },
    ],
  };
}

const MODELS = '/models';

/**
 * Models are named one by one: under explicit control Triton loads these and no others, and tuning and
 * `perseus calibrate` may load them anew under another configuration.
 */
function tritonArguments({ options }: Server, models: readonly string[]): string[] {
  const { protocol, frontEndThreads, tritonVersion } = options;
  const threads =
    protocol === 'http'
      ? [`--http-thread-count=${frontEndThreads}`]
      : tritonVersion >= GRPC_THREADS_SINCE
        ? [`--grpc-infer-thread-count=${frontEndThreads}`]
        : [];
  return [
    `--model-repository=${MODELS}`,
    '--model-control-mode=explicit',
    ...models.map((model) => `--load-model=${model}`),
    '--strict-readiness=true',
    '--exit-on-error=true',
    ...threads,
  ];
}

/**
 * Each process may use all cores of the server. Together they ask for less: a node keeps some for itself and its daemons,
 * and a pod that asked for all of them would never be scheduled.
 */
function resources({ server: { cpuCores, devices }, devices: used, processes }: Deployed): object {
  const gpus = new Map<string, number>();
  for (const device of used) {
    const name = resourceName(devices[device]!.kind);
    gpus.set(name, (gpus.get(name) ?? 0) + 1);
  }
  const millicores = Math.round(cpuCores * 1000);
  const cpu = (count: number) => (Number.isFinite(count) ? { cpu: `${Math.floor(count)}m` } : {});
  const limits = { ...cpu(millicores), ...Object.fromEntries(gpus) };
  const requests = { ...limits, ...cpu(schedulable(millicores) / processes) };
  return Object.keys(limits).length === 0 ? {} : { limits, requests };
}

/** Half a core or a tenth of all is left to the node, and at least half of the cores to the server. */
function schedulable(millicores: number): number {
  return Math.max(millicores / 2, millicores - Math.max(500, millicores / 10));
}

/** Names of the NVIDIA device plugin: `nvidia.com/mig-1g.10gb` for a slice, `nvidia.com/gpu` for a whole GPU. */
function resourceName(kind: string): string {
  const slice = / MIG (\S+)$/.exec(kind)?.[1];
  return slice === undefined ? 'nvidia.com/gpu' : `nvidia.com/mig-${slice}`;
}

/** Ready once every model is loaded; ten minutes are enough for the largest of them. */
function probes(): object {
  const ready = { httpGet: { path: '/v2/health/ready', port: 'http' } };
  return {
    startupProbe: { ...ready, periodSeconds: 5, failureThreshold: 120 },
    readinessProbe: { ...ready, periodSeconds: 5 },
    livenessProbe: { httpGet: { path: '/v2/health/live', port: 'http' }, periodSeconds: 10 },
  };
}

function service({ label }: Deployed): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: label, labels: { app: label } },
    spec: {
      selector: { app: label },
      ports: [
        { name: 'http', port: 8000, targetPort: 'http' },
        { name: 'grpc', port: 8001, targetPort: 'grpc' },
        { name: 'metrics', port: 8002, targetPort: 'metrics' },
      ],
    },
  };
}

/** The kind of GPU that the process runs on; slices count as their GPU. */
function kindOf({ devices }: Server, used: readonly number[]): string | undefined {
  const first = used[0];
  return first === undefined ? undefined : devices[first]!.kind.replace(/ MIG \S+$/, '');
}

/** As the value of a Kubernetes label: letters, digits, `-`, `_`, `.`, at most 63 of them. */
function labelValue(kind: string): string {
  return kind
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
