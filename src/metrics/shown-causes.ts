import { EFFECTS, type EffectName } from '../effects/registry.js';
import { EFFECT_STUDIES, type EffectCode } from '../effects/studies.js';

export type CauseCode =
  | 'own-load'
  | 'limiting-step'
  | 'early-commitment'
  | 'batcher-sleep'
  | 'batching-delay'
  | 'co-runners'
  | 'large-batches'
  | 'more-executions'
  | 'front-end'
  | 'network'
  | 'host-cpu'
  | 'client-cap'
  | 'response'
  | 'compute'
  | 'lost-requests'
  | 'dead-process'
  | 'late-end'
  | 'model-loads'
  | 'rate-limiter'
  | 'shared-streams'
  | 'small-cache'
  | 'cache-work'
  | 'kv-cache'
  | 'in-flight-limit'
  | 'hand-overs'
  | EffectCode;

const SCENARIO_CHANGES = {
  'late-binding': {
    code: 'early-commitment',
    text: 'batches are committed while they wait behind a busy instance; binding them late (a queue limit does it)',
  },
  'attentive-batcher': {
    code: 'batcher-sleep',
    text: 'under a queue policy the batcher can miss that an instance is free, and sleeps on until another request comes, for up to 500 ms; if it never did',
  },
  'no-delay': {
    code: 'batching-delay',
    text: 'the dynamic batcher waits for more requests; without its delay',
  },
  'no-deaths': {
    code: 'dead-process',
    text: 'a process is dead, each request to it has an error after a second, and fewer serve the others; with all alive',
  },
  'prompt-ends': {
    code: 'late-end',
    text: 'the message that ends a request comes after its last response; with the end at that one',
  },
  'one-execution': {
    code: 'more-executions',
    text: 'requests are executed several times; with one execution each',
  },
  'no-co-runners': {
    code: 'co-runners',
    text: 'other tenants share the device, the host or the model; without them',
  },
  'all-loaded': {
    code: 'model-loads',
    text: 'requests wait until their model is loaded; with all models loaded from the start',
  },
  'no-rate-limiter': {
    code: 'rate-limiter',
    text: 'executions wait for resources of the rate limiter; without it',
  },
  'own-streams': {
    code: 'shared-streams',
    text: 'answers wait for those before them in their stream; with a stream for each request',
  },
  'unlimited-cache': {
    code: 'small-cache',
    text: 'answers have left the response cache when they are asked for again; with room for all',
  },
  'costless-cache': {
    code: 'cache-work',
    text: 'the response cache takes time for keys, look-ups and copies, one at a time; if it took none',
  },
  'unlimited-kv-cache': {
    code: 'kv-cache',
    text: 'requests wait for room in the KV cache; with room for all',
  },
  'no-in-flight-limit': {
    code: 'in-flight-limit',
    text: 'threads wait at max_inflight_requests before they call a step; without that limit',
  },
  'costless-hand-overs': {
    code: 'hand-overs',
    text: 'handing requests on from one model to the next takes time; if it took none',
  },
  'one-more-instance': {
    code: 'limiting-step',
    text: 'requests wait for this step; with one more instance of it',
    shownBy: ['no-co-runners'],
  },
  // With an instance always free on a device of its own there is nobody beside it, nor anybody who would sleep beside one that is free.
  'unlimited-instances': {
    code: 'own-load',
    text: 'requests wait for a free instance; with one always free, on a device of its own',
    shownBy: ['no-co-runners', 'attentive-batcher', 'no-rate-limiter', 'unlimited-kv-cache'],
  },
  'unlimited-front-end': {
    code: 'front-end',
    text: 'requests wait for a front-end thread; with one always free',
  },
  'unlimited-network': { code: 'network', text: 'the network is a bottleneck; with unlimited bandwidth' },
  'unlimited-host': {
    code: 'host-cpu',
    text: 'the host cores are a bottleneck; with cores to spare',
    shownBy: ['thread-waits', 'request-cpu'],
  },
  'unlimited-host-and-instances': {
    code: 'host-cpu',
    text: 'the host cores and the instances on them are busy together; with more of both',
    shownBy: ['unlimited-host', 'unlimited-instances'],
  },
} as const satisfies Record<string, ShownCause>;

export type ScenarioChange = keyof typeof SCENARIO_CHANGES;

interface ShownCause {
  readonly code: CauseCode;
  readonly text: string;
  /** Changes that show the cause better, where one of them alone wins about as much. */
  readonly shownBy?: readonly string[];
}

/** The same for everything that is changed: an effect is switched off. */
export const CHANGES: ReadonlyMap<ScenarioChange | EffectName, ShownCause> = new Map<
  ScenarioChange | EffectName,
  ShownCause
>([
  ...(Object.entries(SCENARIO_CHANGES) as [ScenarioChange, ShownCause][]),
  ...EFFECTS.map(({ name }) => [name, EFFECT_STUDIES[name].cause] as const),
]);
