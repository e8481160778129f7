import type { MessageInitShape } from '@bufbuild/protobuf';
import { printable } from '../../base/printable.js';
import { InputError } from '../../base/problem.js';
import { shortened } from '../../base/shortened.js';
import type {
  InferenceClient,
  InferRequest,
  LiveModelConfig,
  ModelStatistics,
  PreparedRequest,
  RepositoryEntry,
  RequestMark,
  RequestStream,
  ServerFacts,
} from '../inference-client.js';
import { LiveError } from '../inference-client.js';
import type { CallError } from './call-error.js';
import { ANSWER_BYTES, Connection, type ConnectionOptions } from './connection.js';
import type { ModelRepositoryParameterSchema } from './generated/grpc_service_pb.js';
import { toLiveError } from './grpc-errors.js';
import { singly } from './headers.js';
import { encodeRequest, markRequest } from './infer-request.js';
import { toLiveModelConfig } from './model-config.js';
import { releaseOf } from './release.js';
import { RestChannel } from './rest/rest-channel.js';
import { encodeRestRequest, markRestRequest } from './rest/rest-request.js';
import { SERVICE } from './service.js';
import { toModelStatistics } from './statistics.js';

export interface TritonOptions extends ConnectionOptions {
  /** Most time that loading a model may take; ten minutes where left out. */
  readonly loadDeadlineMs?: number;
  /** `http://host:port`: inference requests go there over HTTP/REST, everything else by gRPC. Default: all by gRPC. */
  readonly httpUrl?: string;
}

/**
 * A client of a Triton server. Connects with the first call; throws an `InputError` for options that
 * cannot be used (address, certificates, headers).
 */
export function connectTriton(options: TritonOptions): InferenceClient {
  return new TritonClient(new Connection(options), options);
}

class TritonClient implements InferenceClient {
  readonly url: string;
  readonly #connection: Connection;
  readonly #loadDeadlineMs: number;
  readonly #rest: RestChannel | undefined;

  constructor(connection: Connection, options: TritonOptions) {
    const { httpUrl, metadata = {}, loadDeadlineMs = 600_000 } = options;
    this.url = connection.url;
    this.#connection = connection;
    this.#loadDeadlineMs = loadDeadlineMs;
    this.#rest =
      httpUrl === undefined
        ? undefined
        : new RestChannel({
            url: httpUrl,
            metadata: singly(metadata),
            deadlineMs: connection.deadlineMs,
            maxAnswerBytes: options.maxAnswerBytes ?? ANSWER_BYTES,
          });
  }

  async serverFacts(): Promise<ServerFacts> {
    const { name, version } = await this.#connection.call(SERVICE.serverMetadata, {});
    return {
      name: this.#shown(name),
      version: this.#shown(version),
      release: releaseOf(version),
    };
  }

  async isServerReady(): Promise<boolean> {
    return (await this.#connection.call(SERVICE.serverReady, {})).ready;
  }

  /** Some servers answer "not ready" as an error. */
  async isModelReady(model: string): Promise<boolean> {
    try {
      return (await this.#connection.call(SERVICE.modelReady, { name: model }, { model })).ready;
    } catch (error) {
      if (error instanceof LiveError && error.kind === 'modelNotReady') return false;
      throw error;
    }
  }

  async modelConfig(model: string): Promise<LiveModelConfig> {
    const request = { name: model };
    const { config } = await this.#connection.call(SERVICE.modelConfig, request, { model });
    const { versions } = await this.#connection.call(SERVICE.modelMetadata, request, { model });
    if (config === undefined) {
      throw new LiveError(
        'server',
        `${this.url}: no configuration of "${model}" came`,
        'see the log of the server',
      );
    }
    if (config.name !== model) {
      throw new LiveError(
        'server',
        `${this.url}: asked for the configuration of "${printable(model)}", it answers that of "${this.#shown(config.name)}"`,
        'check the address, and who serves there',
      );
    }
    return toLiveModelConfig(config, { version: this.#shown(newest(versions)), url: this.url });
  }

  async statistics(model = ''): Promise<readonly ModelStatistics[]> {
    const request = { name: model };
    const { modelStats } = await this.#connection.call(SERVICE.modelStatistics, request, { model });
    return modelStats.map(toModelStatistics);
  }

  async repositoryIndex(): Promise<readonly RepositoryEntry[]> {
    const { models } = await this.#connection.call(SERVICE.repositoryIndex, {});
    const wrong = models.find(({ name }) => name === '' || name.length > LONGEST_NAME);
    if (wrong !== undefined) {
      throw new LiveError(
        'server',
        `${this.url}: the name of one of its models has ${wrong.name.length} characters`,
        'no Triton has such a model, as its name is that of a folder: check the address, and who serves there',
      );
    }
    return models.map(({ name, version, state, reason }) => ({
      model: name,
      version: this.#shown(version),
      state: this.#shown(state),
      reason: this.#shown(reason),
    }));
  }

  /** What the server says in its own words, as it may be shown and stored. */
  #shown(text: string): string {
    return shortened(this.#connection.shown(text), MOST_OF_TEXT);
  }

  async loadModel(model: string, { configJson }: { readonly configJson?: string } = {}): Promise<void> {
    const parameters: Record<string, MessageInitShape<typeof ModelRepositoryParameterSchema>> = configJson ===
    undefined
      ? {}
      : { config: { parameterChoice: { case: 'stringParam', value: configJson } } };
    const request = { modelName: model, parameters };
    const options = { model, deadlineMs: this.#loadDeadlineMs };
    await this.#connection.call(SERVICE.repositoryModelLoad, request, options);
  }

  async unloadModel(model: string): Promise<void> {
    const request = { modelName: model };
    const options = { model, deadlineMs: this.#loadDeadlineMs };
    await this.#connection.call(SERVICE.repositoryModelUnload, request, options);
  }

  async registerMemory(name: string, bytes: number): Promise<void> {
    const request = { name, key: `/${name}`, byteSize: BigInt(bytes) };
    await this.#connection.call(SERVICE.systemSharedMemoryRegister, request);
  }

  async unregisterMemory(name: string): Promise<void> {
    await this.#connection.call(SERVICE.systemSharedMemoryUnregister, { name });
  }

  prepare(request: InferRequest): PreparedRequest {
    if (this.#rest === undefined) return encodeRequest(request);
    if (request.isStream !== true) return encodeRestRequest(request);
    const what = `"${printable(request.model)}" is decoupled, and over HTTP a request has one response`;
    throw InputError.of(what, 'leave protocol: http out of the scenario, or leave out who asks the model');
  }

  mark(request: PreparedRequest, mark: RequestMark): PreparedRequest {
    return request.rest === undefined ? markRequest(request, mark) : markRestRequest(request, mark);
  }

  send(request: PreparedRequest, done: (error: LiveError | undefined) => void, responded?: () => void): void {
    const { bytes, model, isStream } = request;
    if (this.#rest !== undefined)
      this.#rest.infer(request, (error) => done(error && this.#restError(error, model)));
    else if (isStream === true) this.#connection.inferStream(bytes, model, done, responded);
    else this.#connection.infer(bytes, model, done);
  }

  async answerBytes(request: InferRequest): Promise<number> {
    const { bytes, model } = encodeRequest(request);
    const { rawOutputContents } = await this.#connection.answerTo(bytes, model);
    return rawOutputContents.reduce((sum, { length }) => sum + length, 0);
  }

  openStream(): RequestStream {
    return this.#connection.openStream();
  }

  async ping(): Promise<void> {
    await this.#connection.call(SERVICE.serverLive, {});
    await (this.#rest?.open() ?? this.#connection.openForInference());
  }

  close(): void {
    this.#rest?.close();
    this.#connection.close();
  }

  #restError(error: CallError, model: string): LiveError {
    const { deadlineMs, shown } = this.#connection;
    const failed = { isSecure: false, hasAnswered: true, call: 'ModelInfer', deadlineMs, model, shown };
    return toLiveError(error, { url: this.#rest!.url, ...failed });
  }
}

/** What file systems take as the name of a folder, which a model's name is. */
const LONGEST_NAME = 255;
/** Why a model is not ready may be a long sentence. */
const MOST_OF_TEXT = 500;

/** The version that answers when none is asked for. */
function newest(versions: readonly string[]): string {
  return versions.reduce(
    (best, version) => (Number(version) > Number(best) ? version : best),
    versions[0] ?? '',
  );
}
