import { given } from '../../base/given.js';
import type { Path } from '../../base/path.js';
import { largestBatchSize } from '../../trace/synthesis/batch-sizes.js';
import { ExpectedRequests } from '../closed-loop/expected-requests.js';
import { neverEnds } from '../closed-loop/rounds.js';
import { entryProfile, givesAsked, givesSeveral, withCalled } from '../composition.js';
import type { ModelConfig } from '../model-config.js';
import type { Load, ServedModel, Server, Tenant } from '../scenario.js';
import type { TenantSpec } from '../spec/tenant-spec.js';
import { payloadOf } from '../tensor-bytes.js';
import { LEAVES_OUT } from './compositions/ensemble-tensors.js';
import { checkTokens } from './engines.js';
import { type Findings, suggest } from './findings.js';
import { type LoadBuilder, largestBatchOf } from './load.js';
import { warnOfTransport } from './server-facts.js';
import type { ResolvedServers } from './servers.js';
import { checkSharedMemory } from './shared-memory.js';
import { checkQueues } from './tenant-queues.js';

/** Where a tenant's requests may go. */
type Targets = Tenant['targets'];

/** Resolves the tenants one by one; those with problems are left out. */
export function resolveTenants(
  specs: readonly TenantSpec[],
  servers: ResolvedServers,
  loads: LoadBuilder,
  findings: Findings,
): Tenant[] {
  findings.distinct(
    specs.map(({ name }, i) => ({ name, path: ['tenants', i, 'name'] })),
    'tenant',
  );
  const { durationUs } = loads;
  const expected = durationUs === undefined ? undefined : new ExpectedRequests({ ...servers, durationUs });
  const targetsOf = specs.map((spec, i) => resolveTargets(spec, ['tenants', i], servers, findings));
  const located = specs.map((spec, i) => ({
    ...{ spec, targets: targetsOf[i]! },
    path: ['tenants', i, 'sharedMemory'],
  }));
  checkSharedMemory(located, servers.servers, findings);
  warnOfTransport(located, servers.servers, findings);
  return specs.flatMap((spec, i) => {
    const path: Path = ['tenants', i];
    const tenant = resolveTenant(spec, path, targetsOf[i]!, { servers, loads, findings });
    if (tenant !== undefined)
      checkClosedLoops(tenant, [...path, 'load', 'closedLoop'], { servers, loads, expected, findings });
    return tenant ?? [];
  });
}

function resolveTenant(
  spec: TenantSpec,
  path: Path,
  targets: Targets,
  { servers, loads, findings }: Pick<ClosedLoopSurroundings, 'servers' | 'loads' | 'findings'>,
): Tenant | undefined {
  const load = loads.build(spec, path);
  const largestInTrace = load === undefined ? 1 : largestBatchOf(load);
  const served = new Map(targets.map((target) => [modelAt(servers.servers, target).config, target]));
  for (const [config, { server, model }] of served) {
    checkAgainstConfig(spec, largestInTrace, config, path, findings);
    checkQueues(spec, servers.servers[server]!.models, model, path, findings);
  }
  if (load === undefined || targets.length === 0) return undefined;
  for (const { server, model } of targets) {
    const { models } = servers.servers[server]!;
    checkSequences(spec, load, models, model, path, findings);
    checkTokens(spec, load, models, model, path, findings);
    checkStreamSlo(spec, models, model, path, findings);
    checkSharedStreams(spec, servers.servers[server]!, path, findings);
  }
  const [first] = targets;
  const { outputs, contents, tokens, slo, sharedStreams } = spec;
  checkOutputs(spec, modelAt(servers.servers, first!), path, findings);
  return {
    name: spec.name,
    model: spec.model,
    targets,
    routing: spec.routing,
    load,
    batchSize: typeof spec.batchSize === 'number' ? spec.batchSize : 1,
    ...onTheWire(spec, servers.servers[first!.server]!.models, first!.model),
    priority: spec.priority,
    timeoutUs: Math.round(spec.timeoutMs * 1000),
    shape: spec.shape,
    ...given({ sharedStreams, outputs, contents, tokens, slo }),
  };
}

/** Requests for a model with sequence batching belong to sequences, and have one inference each. */
function checkSequences(
  { sequences, batchSize }: TenantSpec,
  load: Load,
  models: readonly ServedModel[],
  model: number,
  path: Path,
  findings: Findings,
): void {
  const asked = withCalled(models, [model]).map((index) => models[index]!.config);
  const own = asked.find((config) => config.sequences?.isIterative === true)?.name;
  const name = asked.find((config) => config.sequences && config.sequences.isIterative !== true)?.name;
  const single = own ?? name;
  if (single !== undefined && batchSize !== 1)
    findings.problem([...path, 'batchSize'], `"${single}" takes one inference a request`, 'leave it out');
  if (name === undefined) {
    if (sequences !== undefined)
      findings.problem(
        [...path, 'sequences'],
        own === undefined
          ? `"${asked[0]!.name}" has no sequence batching`
          : `each request of "${own}" is a sequence of its own`,
        'leave it out',
      );
    return;
  }
  if (load.mode === 'closed')
    findings.problem(
      [...path, 'load', 'closedLoop'],
      `"${name}" takes sequences, which closed-loop clients do not send here`,
      'write a process, and sequences',
    );
  else if (load.trace.sequenceId === undefined)
    findings.problem(path, `"${name}" takes sequences`, 'write sequences, or a trace with a sequence_id');
}

/** Only streams have a first response that is not the last. */
function checkStreamSlo(
  { slo, outputs }: TenantSpec,
  models: readonly ServedModel[],
  model: number,
  path: Path,
  findings: Findings,
): void {
  if (givesSeveral(models, model, outputs)) return;
  for (const field of ['firstResponseMs', 'betweenResponsesMs'] as const)
    if (slo?.[field] !== undefined)
      findings.problem(
        [...path, 'slo', field],
        `"${models[model]!.config.name}" gives one response`,
        'write limitMs alone',
      );
}

function checkSharedStreams(
  { sharedStreams }: TenantSpec,
  { name, options }: Server,
  path: Path,
  findings: Findings,
): void {
  if (sharedStreams === undefined || options.protocol !== 'http') return;
  findings.problem(
    [...path, 'sharedStreams'],
    `"${name}" is asked over HTTP, which has no streams`,
    'leave it out, or write protocol: grpc in triton',
  );
}

/** Bytes of an inference that are sent; of a request for tensors in shared memory nothing counts. */
function onTheWire(
  { sharedMemory, ...spec }: TenantSpec,
  models: readonly ServedModel[],
  model: number,
): Pick<Tenant, 'requestBytes' | 'responseBytes' | 'sharedMemory'> {
  if (sharedMemory !== 'none') return { requestBytes: 0, responseBytes: 0, sharedMemory };
  const measured = entryProfile(models, model)?.payload;
  const byTensors = payloadOf(models[model]!.config);
  return {
    requestBytes: spec.requestBytes ?? (measured?.requestBytes || byTensors.requestBytes),
    responseBytes: spec.responseBytes ?? (measured?.responseBytes || byTensors.responseBytes),
  };
}

/** Which outputs a client asks for matters to an ensemble only. */
function checkOutputs(
  { outputs }: TenantSpec,
  { config, ensemble }: ServedModel,
  path: Path,
  findings: Findings,
): void {
  for (const [i, output] of (outputs ?? []).entries()) {
    const at = [...path, 'outputs', i];
    if (ensemble === undefined)
      findings.problem(at, `"${config.name}" is no ensemble`, 'leave out which outputs it is asked for');
    else if (!ensemble.outputs.has(output))
      findings.problem(
        at,
        `"${config.name}" has no output "${output}"`,
        suggest(output, [...ensemble.outputs.keys()]),
      );
  }
  if (outputs === undefined || ensemble === undefined) return;
  const isKnown = outputs.every((output) => ensemble.outputs.has(output));
  if (isKnown && !givesAsked(ensemble, outputs))
    findings.problem(
      [...path, 'outputs'],
      `Triton answers such requests with an error: of these outputs alone ${LEAVES_OUT}`,
      'leave it out, to ask for all',
    );
}

/** Closed-loop clients must come to an end, and send no more than fits into memory. */
function checkClosedLoops(
  tenant: Tenant,
  path: Path,
  { servers, loads, expected, findings }: ClosedLoopSurroundings,
): void {
  if (neverEnds(tenant, servers.servers)) {
    const what = 'nothing in this loop takes time, so it would send without end at one instant';
    findings.problem(path, what, 'write thinkMs or maxRequests');
  } else if (expected !== undefined) loads.countOfClosedLoop(expected.of(tenant), path);
}

interface ClosedLoopSurroundings {
  readonly servers: ResolvedServers;
  readonly loads: LoadBuilder;
  /** Absent where the length of the run is not known. */
  readonly expected: ExpectedRequests | undefined;
  readonly findings: Findings;
}

function modelAt(servers: readonly Server[], { server, model }: Targets[number]): Server['models'][number] {
  return servers[server]!.models[model]!;
}

function resolveTargets(
  spec: TenantSpec,
  path: Path,
  { servers, specIndex, servedNames, serverNames }: ResolvedServers,
  findings: Findings,
): Targets {
  const allowed = spec.servers?.flatMap((name, i) => {
    const named = servers.flatMap((server, index) =>
      server.name === name || serverNames[specIndex[index]!] === name ? [index] : [],
    );
    const at = [...path, 'servers', i];
    if (spec.servers!.indexOf(name) < i) {
      findings.problem(at, `"${name}" is listed twice, which gives it no larger share`, 'list each once');
    }
    if (named.length === 0) {
      findings.problem(at, `there is no server "${name}"`, suggest(name, serverNames));
    } else if (!servedNames[specIndex[named[0]!]!]!.includes(spec.model)) {
      const served = servedNames[specIndex[named[0]!]!]!;
      findings.problem(at, `"${name}" does not serve "${spec.model}"`, `it serves ${served.join(', ')}`);
    }
    return named;
  });
  if (!servedNames.some((names) => names.includes(spec.model))) {
    const known = [...new Set(servedNames.flat())];
    findings.problem(
      [...path, 'model'],
      `no server serves a model "${spec.model}"`,
      suggest(spec.model, known),
    );
  }
  const indices = allowed === undefined ? servers.keys() : new Set(allowed);
  return [...indices].flatMap((server) => {
    const model = servers[server]!.models.findIndex(({ config }) => config.name === spec.model);
    return model === -1 ? [] : [{ server, model }];
  });
}

/** What the tenant asks for must be possible with the configuration of every model that serves it. */
function checkAgainstConfig(
  spec: TenantSpec,
  largestInTrace: number,
  config: ModelConfig,
  path: Path,
  findings: Findings,
): void {
  const largest = largestBatchSize(spec.batchSize);
  // Without a batch dimension a request counts as one inference.
  const limit = Math.max(1, config.maxBatchSize);
  const remedy = `write at most ${limit}, or raise max_batch_size of "${config.name}"`;
  if (largest > limit) {
    const what = `${largest} inferences in a request, but max_batch_size is ${config.maxBatchSize}`;
    findings.problem([...path, 'batchSize'], what, remedy);
  } else if (largestInTrace > limit) {
    const what = `the trace has requests of ${largestInTrace} inferences, but max_batch_size is ${config.maxBatchSize}`;
    findings.problem([...path, 'load', 'trace', 'file'], what, remedy);
  }
}
