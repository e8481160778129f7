import { readFileSync } from 'node:fs';
import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Server,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type {
  GRPCInferenceService,
  ModelInferRequest,
  RepositoryModelLoadRequest,
  SystemSharedMemoryRegisterRequest,
} from '../../src/live/triton/generated/grpc_service_pb.js';
import { type ModelConfig, ModelConfigSchema } from '../../src/live/triton/generated/model_config_pb.js';
import { SERVICE } from '../../src/live/triton/service.js';
import { openGate } from './memory-gate.js';
import { RunningModel } from './memory-model.js';

/**
 * A server in this process that speaks Triton's protocol over a real socket and does what a test tells it
 * to. Each model executes its requests one by one, as received (Triton's default scheduler), and counts
 * statistics as Triton does.
 */
export interface MemoryTriton {
  /** `127.0.0.1:port`. */
  readonly url: string;
  /** Behaviour by model; may be changed while the server runs. */
  readonly models: Map<string, MemoryModel>;
  /** Every call that came, in order: the method's name, and the model's for calls that name one. */
  readonly calls: { readonly method: string; readonly model: string }[];
  /** Inference requests, decoded. */
  readonly requests: ModelInferRequest[];
  /** What regions of shared memory held when they were registered, by name; those that are unregistered too. */
  readonly regions: Map<string, Uint8Array>;
  /** Connections that are open now. */
  connections(): number;
  /** Headers of the last call. */
  lastHeaders(): Readonly<Record<string, string>>;
  /** Stops listening and breaks all connections at once, as the death of a server does. */
  stop(): Promise<void>;
}

/** As much of a configuration as differs from the defaults. */
export type ConfigFields = Exclude<MessageInitShape<typeof ModelConfigSchema>, ModelConfig>;

export interface MemoryModel {
  /** Fields of the configuration; name, platform and inputs have usable defaults. */
  readonly config?: ConfigFields;
  readonly isReady?: boolean;
  /** The version that serves; 1 where left out. */
  readonly version?: string;
  /** Executions at a time; 1 where left out. */
  readonly instances?: number;
  /** Time of an execution of that many inferences. */
  readonly serviceMs?: (batchSize: number) => number;
  /** Time until a request reaches the queue. */
  readonly delayMs?: (batchSize: number) => number;
  /** Waiting requests beyond which one is refused; none where left out. */
  readonly maxQueueSize?: number;
  /** Bytes of each output of an answer; no outputs where left out. */
  readonly outputBytes?: readonly number[];
  /** To each request of a stream; 1 where left out. */
  readonly responses?: number;
  /** An error to answer the nth request (from 0) with. */
  readonly error?: (request: ModelInferRequest, index: number) => MemoryError | undefined;
  /** How many readings of the statistics after its answer lack a request; none where left out. */
  readonly readingsBehind?: number;
  /** Time that loading takes. */
  readonly loadMs?: number;
  /** Makes loading fail with this message. */
  readonly loadError?: string;
}

export interface MemoryError {
  readonly code: status;
  readonly details: string;
}

export interface MemoryTritonOptions {
  readonly models?: Readonly<Record<string, MemoryModel>>;
  readonly version?: string;
  /** Names in test/fixtures/tls; `clientAuthority` asks clients for a certificate. */
  readonly tls?: { readonly certificate: string; readonly clientAuthority?: string };
  /** Calls that the server does not know, as an old one would. */
  readonly unimplemented?: readonly (keyof typeof SERVICE)[];
  /** Whether models may be loaded and unloaded; yes where left out. */
  readonly allowsModelControl?: boolean;
  /** Largest message that it accepts. */
  readonly maxMessageBytes?: number;
  readonly port?: number;
}

/** Starts a server on a free port of the loopback interface. Stop it when done. */
export async function startMemoryTriton(options: MemoryTritonOptions = {}): Promise<MemoryTriton> {
  const state = new ServerState(options);
  const server = new Server({ 'grpc.max_receive_message_length': options.maxMessageBytes ?? -1 });
  server.addService(SERVICE, serviceOf(state, options));
  const gate = await openGate(server, options);
  const stop = async () => {
    // Node ends the process where a session is destroyed while it hands on what it has read (nodejs/node#64850).
    await new Promise((resolve) => setImmediate(resolve));
    await gate.close();
    server.forceShutdown();
  };
  return {
    url: `127.0.0.1:${gate.port}`,
    models: state.behaviours,
    calls: state.calls,
    requests: state.requests,
    regions: state.regions,
    connections: gate.connections,
    lastHeaders: () => state.headers,
    stop,
  };
}

/** One batched FP32 input and output of four elements, unless the model says otherwise. */
function memoryConfig(name: string, model: MemoryModel = {}): ModelConfig {
  const tensor = { dataType: 11, dims: [4n] };
  return createConfig({
    name,
    platform: 'memory',
    backend: 'python',
    maxBatchSize: 8,
    input: [{ name: 'INPUT0', ...tensor }],
    output: [{ name: 'OUTPUT0', ...tensor }],
    instanceGroup: [{ name: `${name}_0`, kind: 2, count: model.instances ?? 1 }],
    ...model.config,
  });
}

/** A configuration of these fields, whose names the types do not check. */
export function createConfig(fields: ConfigFields): ModelConfig {
  checkNames(ModelConfigSchema, fields);
  return create(ModelConfigSchema, fields);
}

function checkNames({ typeName, members, field: fields }: DescMessage, message: object): void {
  for (const [name, value] of Object.entries(message)) {
    const member = members.find(({ localName }) => localName === name);
    if (member === undefined) throw new Error(`${typeName} has no '${name}'`);
    if (member.kind === 'field') checkValue(member, value);
    else if (value.case !== undefined) checkValue(fields[value.case]!, value.value);
  }
}

function checkValue(field: DescField, value: unknown): void {
  if (!field.message || value === undefined) return;
  const inner = field.fieldKind === 'message' ? [value] : Object.values(value as object);
  for (const message of inner) checkNames(field.message, message);
}

class ServerState {
  readonly behaviours: Map<string, MemoryModel>;
  readonly running = new Map<string, RunningModel>();
  readonly calls: { method: string; model: string }[] = [];
  readonly requests: ModelInferRequest[] = [];
  readonly regions = new Map<string, Uint8Array>();
  headers: Record<string, string> = {};
  /** Requests to models that are ready. */
  sent = 0;

  constructor({ models = {} }: MemoryTritonOptions) {
    this.behaviours = new Map(Object.entries(models));
    for (const name of this.behaviours.keys()) this.load(name);
  }

  load(name: string, configJson?: string): void {
    const behaviour = () => this.behaviours.get(name) ?? {};
    const override =
      configJson === undefined
        ? undefined
        : fromJson(ModelConfigSchema, JSON.parse(configJson), { ignoreUnknownFields: true });
    this.running.set(name, new RunningModel(behaviour, override ?? memoryConfig(name, behaviour())));
  }

  /** The model, or the error that Triton answers when there is none or it is not ready. */
  find(name: string): RunningModel | MemoryError {
    const model = this.running.get(name);
    const unknown = `Request for unknown model: '${name}'`;
    if (!this.behaviours.has(name)) return { code: status.NOT_FOUND, details: `${unknown} is not found` };
    if (model === undefined || this.behaviours.get(name)?.isReady === false) {
      return { code: status.UNAVAILABLE, details: `${unknown} has no available versions` };
    }
    return model;
  }
}

type Methods = (typeof GRPCInferenceService)['method'];
type Service = {
  [Name in Exclude<keyof Methods, 'modelStreamInfer'>]: handleUnaryCall<
    MessageShape<Methods[Name]['input']>,
    MessageInitShape<Methods[Name]['output']>
  >;
};

function serviceOf(state: ServerState, options: MemoryTritonOptions): UntypedServiceImplementation {
  const service: UntypedServiceImplementation = {
    ...healthCalls(state, options),
    ...modelCalls(state),
    modelStreamInfer: streamCall(state),
    ...repositoryCalls(state, options),
    ...memoryCalls(state),
  };
  for (const method of options.unimplemented ?? []) {
    service[method] = handler<object, object>(state, () => ({ code: status.UNIMPLEMENTED, details: '' }));
  }
  return service;
}

/** A handler from a function of the request; what it returns is the answer, or an error with a code. */
function handler<Request, Response>(
  state: ServerState,
  answer: (request: Request) => Response | MemoryError | Promise<Response | MemoryError>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const named = call.request as { name?: string; modelName?: string };
    state.calls.push({
      method: call.getPath().split('/').at(-1)!,
      model: named.modelName ?? named.name ?? '',
    });
    state.headers = Object.fromEntries(
      Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]),
    );
    Promise.resolve(answer(call.request)).then(
      (value) => (isError(value) ? callback(value) : callback(null, value)),
      (error: Error) => callback({ code: status.INTERNAL, details: error.message }),
    );
  };
}

function isError(value: unknown): value is MemoryError {
  return typeof value === 'object' && value !== null && 'code' in value && 'details' in value;
}

function healthCalls(state: ServerState, options: MemoryTritonOptions) {
  return {
    serverLive: handler(state, () => ({ live: true })),
    serverReady: handler(state, () => ({ ready: true })),
    modelReady: handler(state, ({ name }: { name: string }) => ({
      ready: !isError(state.find(name)),
    })),
    serverMetadata: handler(state, () => ({
      name: 'triton',
      version: options.version ?? '2.51.0',
      extensions: ['model_repository', 'model_configuration', 'statistics'],
    })),
  } satisfies Partial<Service>;
}

function modelCalls(state: ServerState) {
  return {
    modelInfer: handler(state, async (request: ModelInferRequest) => {
      const failed = await failureOf(state, request);
      if (failed !== undefined) return failed;
      return {
        modelName: request.modelName,
        modelVersion: '1',
        id: request.id,
        outputs: [],
        rawOutputContents: (state.behaviours.get(request.modelName)?.outputBytes ?? []).map(
          (bytes) => new Uint8Array(bytes),
        ),
      };
    }),
    modelMetadata: handler(state, ({ name }: { name: string }) => {
      const model = state.find(name);
      if (isError(model)) return model;
      const { version = '1' } = state.behaviours.get(name) ?? {};
      return { name, versions: [version], platform: model.config.platform };
    }),
    modelConfig: handler(state, ({ name }: { name: string }) => {
      const model = state.find(name);
      return isError(model) ? model : { config: model.config };
    }),
    modelStatistics: handler(state, ({ name }: { name: string }) => {
      if (name === '') return { modelStats: [...state.running.values()].map((model) => model.statistics()) };
      const model = state.find(name);
      return isError(model) ? model : { modelStats: [model.statistics()] };
    }),
  } satisfies Partial<Service>;
}

/** Executes a request; gives why it failed. */
async function failureOf(state: ServerState, request: ModelInferRequest): Promise<MemoryError | undefined> {
  state.requests.push(request);
  const model = state.find(request.modelName);
  if (isError(model)) return model;
  const error = state.behaviours.get(request.modelName)?.error?.(request, state.sent++);
  if (error !== undefined) model.countFailure();
  return error ?? ((await model.infer(request)) === 'queueFull' ? QUEUE_FULL : undefined);
}

/** Answers the requests of a stream in their order, as Triton does for models with one response each, and ends it with the last answer. */
function streamCall(state: ServerState): handleBidiStreamingCall<ModelInferRequest, object> {
  return (call) => {
    state.calls.push({ method: 'ModelStreamInfer', model: '' });
    const answer = ({ modelName }: ModelInferRequest, failed: MemoryError | undefined): void => {
      if (failed !== undefined) return void call.write({ errorMessage: failed.details });
      const { responses = 1 } = state.behaviours.get(modelName) ?? {};
      for (let i = 0; i < responses; i++) call.write({ inferResponse: { modelName } });
    };
    let answered = Promise.resolve();
    call.on('data', (request: ModelInferRequest) => {
      const failure = failureOf(state, request);
      answered = answered.then(async () => answer(request, await failure));
    });
    call.on('end', () => void answered.then(() => call.end()));
  };
}

const QUEUE_FULL = { code: status.UNAVAILABLE, details: 'Exceeds maximum queue size' };
const NO_CONTROL = {
  code: status.UNAVAILABLE,
  details: 'explicit model load / unload is not allowed if polling is enabled',
};

function repositoryCalls(state: ServerState, { allowsModelControl = true }: MemoryTritonOptions) {
  return {
    repositoryIndex: handler(state, () => ({
      models: [...state.behaviours.keys()].map((name) => ({
        name,
        version: '1',
        state: state.running.has(name) ? 'READY' : 'UNAVAILABLE',
        reason: state.running.has(name) ? '' : 'unloaded',
      })),
    })),
    repositoryModelLoad: handler(state, async ({ modelName, parameters }: RepositoryModelLoadRequest) => {
      const behaviour = state.behaviours.get(modelName);
      if (!allowsModelControl) return NO_CONTROL;
      const failure = behaviour === undefined ? 'no version is available' : behaviour.loadError;
      if (failure !== undefined) {
        return { code: status.INTERNAL, details: `failed to load '${modelName}', ${failure}` };
      }
      await new Promise((resolve) => setTimeout(resolve, behaviour?.loadMs ?? 0));
      state.load(modelName, parameters['config']?.parameterChoice.value as string | undefined);
      return {};
    }),
    repositoryModelUnload: handler(state, ({ modelName }: { modelName: string }) => {
      if (!allowsModelControl) return NO_CONTROL;
      state.running.delete(modelName);
      return {};
    }),
  } satisfies Partial<Service>;
}

function memoryCalls(state: ServerState) {
  return {
    systemSharedMemoryRegister: handler(state, ({ name, key }: SystemSharedMemoryRegisterRequest) => {
      state.regions.set(name, readFileSync(`/dev/shm${key}`));
      return {};
    }),
    systemSharedMemoryUnregister: handler(state, () => ({})),
  } satisfies Partial<Service>;
}
