import { yamlText } from '../base/yaml-text.js';
import { GRPC_THREADS_SINCE } from '../scenario/check/grpc-threads.js';
import type { Server } from '../scenario/scenario.js';
import { productLabel, resourceName } from './kubernetes-names.js';

export interface Deployed {
  /** Name of the Kubernetes objects, and of the folder of its model repository on the volume: a DNS label. */
  readonly label: string;
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

/** Label by which nodes say which GPU they have: NVIDIA's GPU feature discovery sets it. */
const GPU_LABEL = 'nvidia.com/gpu.product';

/** A Deployment and a Service for one Triton process, as YAML with a comment on what it takes. */
export function kubernetesManifest(deployed: Deployed): string {
  const documents = [deployment(deployed), service(deployed)];
  const text = documents.map((document) => yamlText(document));
  return `${comment(deployed)}---\n${text.join('---\n')}`;
}

function comment({ server, devices }: Deployed): string {
  const product = productOf(server, devices);
  const lines = [
    `The volume behind the claim ${REPOSITORY_CLAIM} holds what is in the folder model-repositories,`,
    'with the version folders of each model beside its config.pbtxt (perseus emit --models puts them there).',
    ...(product === undefined
      ? []
      : [
          `Nodes with this GPU carry the label ${GPU_LABEL}=${product}: GPU feature discovery sets it. Where it`,
          `calls the GPU otherwise (kubectl get nodes -L ${GPU_LABEL}), write that in nodeSelector.`,
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
  const product = productOf(server, devices);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: label, labels: labels(deployed) },
    spec: {
      replicas,
      selector: { matchLabels: { app: label } },
      template: {
        metadata: { labels: labels(deployed) },
        spec: {
          ...(product === undefined ? {} : { nodeSelector: { [GPU_LABEL]: product } }),
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

/** Those that Kubernetes recommends, and `app`, by which pods are chosen: of a Deployment that runs it may not change. */
function labels({ label, server }: Deployed): Record<string, string> {
  return {
    app: label,
    'app.kubernetes.io/name': 'tritonserver',
    'app.kubernetes.io/instance': label,
    'app.kubernetes.io/version': server.options.tritonVersion,
    'app.kubernetes.io/component': 'inference-server',
    'app.kubernetes.io/managed-by': 'perseus',
  };
}

function container(deployed: Deployed): object {
  const { server, label } = deployed;
  return {
    name: 'triton',
    image: `nvcr.io/nvidia/tritonserver:${server.options.tritonVersion}-py3`,
    command: ['tritonserver'],
    args: tritonArguments(deployed),
    ports: PORTS.map(([name, containerPort]) => ({ name, containerPort })),
    resources: resources(deployed),
    ...probes(),
    volumeMounts: [
      { name: 'models', mountPath: MODELS, subPath: label, readOnly: true },
      { name: 'shared-memory', mountPath: '/dev/shm' },
    ],
  };
}

const MODELS = '/models';
const PORTS = [
  ['http', 8000],
  ['grpc', 8001],
  ['metrics', 8002],
] as const;

/** A process numbers the devices that it has from 0 on. */
function rateLimitArguments({ rateLimit }: Server['options'], devices: readonly number[]): string[] {
  if (rateLimit === undefined) return [];
  const resources = rateLimit.resources.flatMap(({ name, count, device }) => {
    if (device === undefined) return [`${name}:${count}`];
    const id = devices.indexOf(device);
    return id < 0 ? [] : [`${name}:${count}:${id}`];
  });
  return ['--rate-limit=execution_count', ...resources.map((each) => `--rate-limit-resource=${each}`)];
}

/**
 * Models are named one by one: under explicit control Triton loads these and no others, and tuning and
 * `perseus calibrate` may load them anew under another configuration.
 */
function tritonArguments({ server: { options, modelCache }, models, devices }: Deployed): string[] {
  const { protocol, frontEndThreads, tritonVersion, cache } = options;
  const threads =
    protocol === 'http'
      ? [`--http-thread-count=${frontEndThreads}`]
      : tritonVersion >= GRPC_THREADS_SINCE
        ? [`--grpc-infer-thread-count=${frontEndThreads}`]
        : [];
  return [
    `--model-repository=${MODELS}`,
    '--model-control-mode=explicit',
    // Of a server that loads models when they are asked for, whoever routes requests to it does that.
    ...(modelCache === undefined
      ? models.map((model) => `--load-model=${model}`)
      : [`--model-load-thread-count=${modelCache.loadThreads}`]),
    '--strict-readiness=true',
    '--exit-on-error=true',
    ...threads,
    ...(cache === undefined ? [] : [`--cache-config=local,size=${cache.bytes}`]),
    ...rateLimitArguments(options, devices),
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

/** Ready once every model is loaded; ten minutes are enough for the largest of them. */
function probes(): object {
  const ready = { httpGet: { path: '/v2/health/ready', port: 'http' } };
  return {
    startupProbe: { ...ready, periodSeconds: 5, failureThreshold: 120 },
    readinessProbe: { ...ready, periodSeconds: 5 },
    livenessProbe: { httpGet: { path: '/v2/health/live', port: 'http' }, periodSeconds: 10 },
  };
}

function service(deployed: Deployed): object {
  const { label } = deployed;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: label, labels: labels(deployed) },
    spec: {
      selector: { app: label },
      ports: PORTS.map(([name, port]) => ({ name, port, targetPort: name })),
    },
  };
}

/** The kind of GPU that the process runs on, as nodes are labelled with it; undefined where it has none. */
function productOf({ devices }: Server, used: readonly number[]): string | undefined {
  const first = used[0];
  return first === undefined ? undefined : productLabel(devices[first]!.kind);
}
