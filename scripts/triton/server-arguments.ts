import type { Installation } from './installation.js';
import { HOST, type Ports } from './ports.js';

/** What a server is told at its start. */
export interface ServerArguments {
  readonly installation: Installation;
  /** Folder of the model repository. */
  readonly repository: string;
  /** `explicit` where left out: models are loaded and unloaded over gRPC and HTTP. */
  readonly modelControl?: 'explicit' | 'none' | 'poll';
  /** Models to load at the start in explicit mode; all where left out. */
  readonly loadModels?: readonly string[];
  /** Triton writes the timestamps of every request here, as JSON, when it ends. */
  readonly traceFile?: string | undefined;
  /** Further arguments of `tritonserver`. */
  readonly extraArguments?: readonly string[];
}

/** Time that a server gives work in flight when it ends. */
const EXIT_TIMEOUT_S = 10;

export function serverArguments(
  options: ServerArguments,
  { http, grpc, metrics }: Ports,
  sharedMemoryPrefix: string,
): string[] {
  const { installation } = options;
  return [
    `--model-repository=${options.repository}`,
    `--backend-directory=${installation.backends}`,
    `--cache-directory=${installation.caches}`,
    ...modelControl(options),
    ...[`--http-address=${HOST}`, `--grpc-address=${HOST}`, `--metrics-address=${HOST}`],
    ...[`--http-port=${http}`, `--grpc-port=${grpc}`, `--metrics-port=${metrics}`],
    '--allow-gpu-metrics=false',
    `--exit-timeout-secs=${EXIT_TIMEOUT_S}`,
    `--backend-config=python,shm-region-prefix-name=${sharedMemoryPrefix}`,
    ...(options.traceFile === undefined ? [] : traceArguments(options.traceFile)),
    ...(options.extraArguments ?? []),
  ];
}

function modelControl({ modelControl = 'explicit', loadModels = ['*'] }: ServerArguments): string[] {
  const loads = modelControl === 'explicit' ? loadModels.map((model) => `--load-model=${model}`) : [];
  return [`--model-control-mode=${modelControl}`, ...loads];
}

/** Every request, for as long as the server runs. */
function traceArguments(file: string): string[] {
  const settings = [`triton,file=${file}`, 'rate=1', 'count=-1', 'level=TIMESTAMPS'];
  return settings.map((setting) => `--trace-config=${setting}`);
}
