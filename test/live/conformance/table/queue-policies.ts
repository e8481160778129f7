import type { OneModelRow } from '../row.js';

const source = '2.4';

function single(policy: string): string {
  return `max_batch_size: 1 dynamic_batching { default_queue_policy { ${policy} } }`;
}

function levels(more = '', maxBatchSize = 1): string {
  return `max_batch_size: ${maxBatchSize}
dynamic_batching { priority_levels: 2 default_priority_level: 2 ${more} }`;
}

const LIMITS: readonly OneModelRow[] = [
  {
    rule: 'a full queue refuses at once; what runs does not count',
    source,
    config: single('max_queue_size: 2'),
    serviceMs: 100,
    arrives: '1@0 1@20 1@40 1@60',
    executes: '1@0 2@100~ 3@200~',
    refused: '4@60',
  },
  {
    rule: 'a queue limit counts requests, not inferences',
    source,
    config: 'max_batch_size: 8 dynamic_batching { default_queue_policy { max_queue_size: 2 } }',
    serviceMs: 100,
    arrives: '1@0 4@20 4@40 1@60',
    executes: '1@0 2+3@100~',
    refused: '4@60',
  },
  {
    rule: 'a request that is held for the delay counts',
    source,
    config: `max_batch_size: 8 dynamic_batching {
  max_queue_delay_microseconds: 200000 default_queue_policy { max_queue_size: 1 } }`,
    arrives: '1@0 1@50',
    executes: '1@200',
    refused: '2@50',
  },
  {
    rule: 'each level has its own limit',
    source,
    config: levels('default_queue_policy { max_queue_size: 1 }'),
    serviceMs: 100,
    arrives: '1@0 1@20 1@40 1@60p1',
    executes: '1@0 4@100~ 2@200~',
    refused: '3@40',
  },
];

const TIMEOUTS: readonly OneModelRow[] = [
  {
    rule: 'REJECT: a request that has waited too long is told when the batcher next looks, at the end of an execution',
    source,
    config: single('default_timeout_microseconds: 60000'),
    serviceMs: 150,
    arrives: '1@0 1@20 1@165',
    executes: '1@0 3@165',
    expired: '2@150',
  },
  {
    rule: 'REJECT: or after two sleeps of 500 ms, while nothing ends',
    source,
    config: single('default_timeout_microseconds: 60000'),
    serviceMs: 1300,
    arrives: '1@0 1@100',
    executes: '1@0',
    expired: '2@1000',
    finding: `a request may be told up to 1,000 ms late, not 500: the batcher finds it after a sleep of 500 ms with an
empty queue, and looks whose time is over only when another 500 ms of waiting for an idle instance have passed.`,
  },
  {
    rule: 'REJECT: a request that is held for the delay expires on time',
    source,
    config: `max_batch_size: 8 dynamic_batching {
  max_queue_delay_microseconds: 300000 default_queue_policy { default_timeout_microseconds: 120000 } }`,
    arrives: '1@0',
    executes: '',
    expired: '1@120',
  },
  {
    rule: 'REJECT: after an expiry during a hold the next request wakes nobody: it is found after a sleep of 500 ms',
    source,
    config: `max_batch_size: 8 dynamic_batching {
  max_queue_delay_microseconds: 300000 default_queue_policy { default_timeout_microseconds: 120000 } }`,
    arrives: '1@0 1@300',
    executes: '',
    expired: '1@120 2@620',
  },
  {
    rule: 'REJECT: a shorter timeout that comes later does not end the hold: its arrival wakes nobody',
    source,
    config: `max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 300000
  default_queue_policy { default_timeout_microseconds: 1000000 allow_timeout_override: true } }`,
    arrives: '1@0 1@50t100',
    executes: '1@300',
    expired: '2@300',
  },
  {
    rule: 'REJECT: a request that expires while another one is held is told when that hold is over',
    source,
    config: `max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 400000
  default_queue_policy { default_timeout_microseconds: 2000000 allow_timeout_override: true } }`,
    arrives: '1@0t150 1@50',
    executes: '2@450',
    expired: '1@450',
    finding: `the batcher finds at 150 ms that a request has waited too long, and holds the other one before it tells the first.`,
  },
  {
    rule: 'requests that were refused count as waiting for ever: after some of them every arrival wakes the batcher',
    source,
    config: `max_batch_size: 4 dynamic_batching { max_queue_delay_microseconds: 300000 default_queue_policy {
  max_queue_size: 2 default_timeout_microseconds: 1000000 allow_timeout_override: true } }`,
    arrives: '1@0 1@20 1@40 1@60 1@400 1@450t100 1@600',
    executes: '1+2@300 5+7@700',
    refused: '3@40 4@60',
    expired: '6@600',
    finding: 'so the sixth is found to have waited too long, at 550 ms, and there is room for the seventh.',
  },
  {
    rule: 'requests that have expired do not',
    source,
    config: `max_batch_size: 8 dynamic_batching {
  max_queue_delay_microseconds: 300000 default_queue_policy { default_timeout_microseconds: 120000 } }`,
    arrives: '5@0 5@300',
    executes: '',
    expired: '1@120 2@620',
  },
  {
    rule: 'REJECT: a request does not expire while it runs',
    source,
    config: single('default_timeout_microseconds: 60000'),
    serviceMs: 150,
    arrives: '1@0',
    executes: '1@0',
  },
  {
    rule: 'DELAY: a late request goes behind those that are in time, and is never refused',
    source,
    config: single('timeout_action: DELAY default_timeout_microseconds: 200000'),
    serviceMs: 300,
    arrives: '1@0 1@20 1@250 1@315',
    executes: '1@0 3@300 2@600~ 4@900~',
  },
  {
    rule: 'DELAY: late requests count for the queue limit',
    source,
    config: single('timeout_action: DELAY default_timeout_microseconds: 200000 max_queue_size: 3'),
    serviceMs: 300,
    arrives: '1@0 1@20 1@250 1@315 1@340 1@360',
    executes: '1@0 3@300 2@600~ 4@900~ 5@1200~',
    refused: '6@360',
  },
  {
    rule: "allow_timeout_override: a request's own timeout holds where it is shorter",
    source,
    config: single('default_timeout_microseconds: 600000 allow_timeout_override: true'),
    serviceMs: 150,
    arrives: '1@0 1@20t60 1@165t900',
    executes: '1@0 3@165',
    expired: '2@150',
  },
  {
    rule: 'allow_timeout_override: a longer one does not hold',
    source,
    config: single('default_timeout_microseconds: 60000 allow_timeout_override: true'),
    serviceMs: 150,
    arrives: '1@0 1@20t900 1@165',
    executes: '1@0 3@165',
    expired: '2@150',
  },
  {
    rule: "without allow_timeout_override a request's own timeout does not matter",
    source,
    config: single('default_timeout_microseconds: 2000000'),
    serviceMs: 150,
    arrives: '1@0 1@20t60',
    executes: '1@0 2@150~',
  },
  {
    rule: "without a default timeout a request's own has no effect, even where it is allowed",
    source,
    config: single('allow_timeout_override: true'),
    serviceMs: 150,
    arrives: '1@0 1@20t60',
    executes: '1@0 2@150~',
  },
];

const PRIORITIES: readonly OneModelRow[] = [
  {
    rule: 'level 1 overtakes what waits, not what runs',
    source,
    config: levels(),
    serviceMs: 100,
    arrives: '1@0 1@20 1@40 1@60p1',
    executes: '1@0 4@100~ 2@200~ 3@300~',
  },
  {
    rule: 'a level that does not exist is the default level',
    source,
    config: levels(),
    serviceMs: 100,
    arrives: '1@0 1@20p9 1@40p2 1@60p1',
    executes: '1@0 4@100~ 2@200~ 3@300~',
  },
  {
    rule: 'the default level may be the first',
    source,
    config: 'max_batch_size: 1 dynamic_batching { priority_levels: 2 default_priority_level: 1 }',
    serviceMs: 100,
    arrives: '1@0 1@20p2 1@40',
    executes: '1@0 3@100~ 2@200~',
  },
  {
    rule: 'a batch may span levels, the better one first',
    source,
    config: levels('', 2),
    serviceMs: 100,
    arrives: '1@0 1@20 1@40 1@60p1',
    executes: '1@0 2+4@100~ 3@200~',
  },
  {
    rule: 'priority levels bind late',
    source,
    config: levels('preferred_batch_size: [ 2, 4 ]', 8),
    serviceMs: 100,
    arrives: '1@0 1@20 1@30 1@40 1@50 1@60 1@70',
    executes: '1@0 2+3+4+5@100~ 6+7@200~',
  },
  {
    rule: 'priority_queue_policy: a limit holds for its level, and the default policy for the others',
    source,
    config: levels('priority_queue_policy { key: 1 value: { max_queue_size: 1 } }'),
    serviceMs: 100,
    arrives: '1@0 1@20 1@40p1 1@50p1 1@60',
    executes: '1@0 3@100~ 2@200~ 5@300~',
    refused: '4@50',
  },
  {
    rule: 'priority_queue_policy: so does a timeout',
    source,
    config: levels('priority_queue_policy { key: 1 value: { default_timeout_microseconds: 60000 } }'),
    serviceMs: 150,
    arrives: '1@0 1@20p1 1@30 1@165',
    executes: '1@0 3@150 4@300~ or 1@0 3@165 4@315~',
    expired: '2@150',
  },
];

/** Limits, timeouts and priorities. */
export const QUEUE_POLICIES: readonly OneModelRow[] = [...LIMITS, ...TIMEOUTS, ...PRIORITIES];
