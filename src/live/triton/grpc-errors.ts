import { status } from '@grpc/grpc-js';
import { printable } from '../../base/printable.js';
import { deadlinePassed, oneLine, unreachable } from '../errors.js';
import { LiveError, type LiveErrorKind } from '../inference-client.js';
import { ModelStreamInferResponseSchema } from './generated/grpc_service_pb.js';
import { explainNoConnection } from './no-connection.js';
import { decode } from './service.js';
import type { ShowText } from './shown-text.js';

export interface FailedCall {
  /** The server as the user wrote it. */
  readonly url: string;
  readonly isSecure: boolean;
  /** Whether the server has answered any call before: then the way to it is set up rightly. */
  readonly hasAnswered: boolean;
  /** The method, e.g. `ModelInfer`. */
  readonly call: string;
  readonly model: string | undefined;
  readonly deadlineMs: number;
  /** For what the server says. */
  readonly shown: ShowText;
}

interface Rule {
  readonly code: status;
  /** What the details must say; anything where left out. */
  readonly says?: RegExp;
  readonly kind: LiveErrorKind;
  readonly remedy: string;
}

const QUEUE_REMEDY = 'lower the load, or change the queue policy of the model';
const MODEL_REMEDY = 'check the name of the model, and that the server has loaded it';
const LOST_REMEDY = 'check whether the server is still running; see its log for why it stopped';

/** Either side's limit on messages. */
const TOO_LARGE = /larger than/i;
const NO_TRITON_REMEDY = 'no Triton answers so much: check the address, and who serves there';

/**
 * What Triton and grpc-js mean by their codes and texts; the first rule that fits holds. Triton's texts are
 * those of core `scheduler_utils.cc`, `server.cc` and `model_repository_manager.cc`; one code stands for
 * several things, so the text has to tell them apart.
 */
const RULES: readonly Rule[] = [
  { code: status.UNAVAILABLE, says: /maximum queue size/i, kind: 'queueFull', remedy: QUEUE_REMEDY },
  { code: status.UNAVAILABLE, says: /timeout expired/i, kind: 'queueTimeout', remedy: QUEUE_REMEDY },
  {
    code: status.UNAVAILABLE,
    says: /^server not ready/i,
    kind: 'lost',
    remedy: 'it starts or stops: try again when it is ready',
  },
  {
    code: status.UNAVAILABLE,
    says: /unknown model|no available versions|not ready|stopped accepting/i,
    kind: 'modelNotReady',
    remedy: MODEL_REMEDY,
  },
  { code: status.NOT_FOUND, kind: 'modelNotReady', remedy: MODEL_REMEDY },
  // What ModelStatistics answers for a model that is not there.
  {
    code: status.INVALID_ARGUMENT,
    says: /^requested model .* is not available/i,
    kind: 'modelNotReady',
    remedy: MODEL_REMEDY,
  },
  {
    code: status.UNAVAILABLE,
    says: /not allowed/i,
    kind: 'refused',
    remedy: 'start Triton with --model-control-mode=explicit to load and unload models',
  },
  {
    code: status.UNAVAILABLE,
    says: /protocol is restricted/i,
    kind: 'refused',
    remedy: 'give the header that it expects, with its value',
  },
  {
    code: status.UNAVAILABLE,
    says: /sent what is no HTTP/,
    kind: 'lost',
    remedy: "give the server's HTTP port (Triton: 8000; 8001 is gRPC)",
  },
  {
    code: status.UNAVAILABLE,
    says: /dropped|ECONN|EPIPE|ETIMEDOUT|refused by server|hang up|goaway|stopping|exiting|shut/i,
    kind: 'lost',
    remedy: LOST_REMEDY,
  },
  { code: status.CANCELLED, kind: 'lost', remedy: LOST_REMEDY },
  { code: status.INTERNAL, says: /RST_STREAM|ECONN|EPIPE|ERR_HTTP2/, kind: 'lost', remedy: LOST_REMEDY },
  {
    code: status.INTERNAL,
    says: /stub process/i,
    kind: 'server',
    remedy: 'a process of the model has died; load the model anew and see the log of the server',
  },
  {
    code: status.INTERNAL,
    says: /failed to load/i,
    kind: 'server',
    remedy: 'see the log of the server for why, and check its configuration',
  },
  {
    code: status.UNIMPLEMENTED,
    says: /decoupled/i,
    kind: 'invalid',
    remedy:
      'a decoupled model answers streams only: say decoupled in its configuration, so that perseus sends one',
  },
  {
    code: status.UNIMPLEMENTED,
    kind: 'refused',
    remedy: 'the server does not know this call: it is no Triton, an old one, or one built without it',
  },
  {
    code: status.RESOURCE_EXHAUSTED,
    says: TOO_LARGE,
    kind: 'invalid',
    remedy:
      'send smaller batches or tensors, or raise the limit on messages (--max-answer here; the server has its own)',
  },
  {
    code: status.INVALID_ARGUMENT,
    kind: 'invalid',
    remedy: 'check names, types and shapes of the inputs against the configuration of the model',
  },
  { code: status.UNAUTHENTICATED, kind: 'refused', remedy: 'give the credentials it wants as headers' },
  { code: status.PERMISSION_DENIED, kind: 'refused', remedy: 'give the credentials it wants as headers' },
];

/** The tag of `error_message`, which is first in a message that has one: responses without are not decoded. */
const ERROR_TAG = 0x0a;
const UNAVAILABLE = /maximum queue size|timeout expired|unknown model|no available versions|not ready/i;

/** Whether it is one of the texts above whose code is UNAVAILABLE: a response of a stream has the text alone. */
export function isUnavailable(details: string): boolean {
  return UNAVAILABLE.test(details);
}

/** The error that an encoded ModelStreamInferResponse tells of, as gRPC's own; undefined for a result. */
export function errorInStream(message: Uint8Array): { code: status; details: string } | undefined {
  if (message[0] !== ERROR_TAG) return undefined;
  const { errorMessage: details } = decode(ModelStreamInferResponseSchema, message);
  return { code: isUnavailable(details) ? status.UNAVAILABLE : status.INTERNAL, details };
}

export function toLiveError(error: unknown, failed: FailedCall): LiveError {
  const { code, details } = statusOf(error);
  const url = printable(failed.url);
  if (code === status.UNKNOWN && /Channel has been shut down/.test(details)) {
    return new LiveError(
      'lost',
      `${url}: ${describeCall(failed)} failed: the connection is closed`,
      'connect again',
    );
  }
  if (code === status.DEADLINE_EXCEEDED) {
    if (/LB pick|name resolution/i.test(details) && !/remote_addr/.test(details)) {
      return unreachable(url, `no connection within ${failed.deadlineMs} ms`);
    }
    return deadlinePassed(url, describeCall(failed), failed.deadlineMs);
  }
  if (code === status.UNAVAILABLE && /No connection established|Name resolution failed/.test(details)) {
    return explainNoConnection(details, { ...failed, url });
  }
  const rule = RULES.find((each) => each.code === code && (each.says?.test(details) ?? true));
  const answer = details === '' ? status[code] : `${failed.shown(details)} (${status[code]})`;
  if (failed.call !== 'ModelInfer' && code === status.RESOURCE_EXHAUSTED && TOO_LARGE.test(details)) {
    return new LiveError('server', `${url}: ${describeCall(failed)} failed: ${answer}`, NO_TRITON_REMEDY);
  }
  return new LiveError(
    rule?.kind ?? 'server',
    `${url}: ${describeCall(failed)} failed: ${answer}`,
    rule?.remedy ?? 'see the log of the server',
  );
}

function describeCall({ call, model }: FailedCall): string {
  return model === undefined || model === '' ? call : `${call} of "${printable(model)}"`;
}

function statusOf(error: unknown): { readonly code: status; readonly details: string } {
  const { code, details } = error as { readonly code?: unknown; readonly details?: unknown };
  return {
    code: typeof code === 'number' && status[code] !== undefined ? code : status.UNKNOWN,
    details: printable(oneLine(typeof details === 'string' ? details : error)),
  };
}
