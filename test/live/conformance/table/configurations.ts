import type { OneModelRow } from '../row.js';

/** What Triton makes of a configuration that leaves things open. */
export const CONFIGURATIONS: readonly OneModelRow[] = [
  {
    rule: 'without config.pbtxt the model says what it takes, and Triton fills in the rest',
    source: '3',
    file: '',
    config: `max_batch_size: 4 dynamic_batching { preferred_batch_size: [ 4 ] }
instance_group [ { kind: KIND_CPU count: 1 } ]`,
    arrives: '1@0 2@10 2@20 1@30',
    executes: '1@0 2+3@40 4@80',
  },
  {
    rule: 'a file that names the backend only is completed like that too',
    source: '3',
    file: 'backend: "python"',
    config: 'max_batch_size: 4 dynamic_batching { }',
    arrives: '1@0 1@10 1@20',
    executes: '1@0 2+3@40',
  },
  {
    rule: 'a batch size in the file stays, and with it the default scheduler',
    source: '3',
    file: 'backend: "python" max_batch_size: 3',
    config: 'max_batch_size: 3',
    arrives: '1@0 1@10 1@20',
    executes: '1@0 2@40 3@80',
  },
  {
    rule: 'a complete file is left as it is, and gets one instance',
    source: '4',
    config: 'max_batch_size: 2 dynamic_batching { }',
    serviceMs: 100,
    arrives: '1@0 1@20 1@40',
    executes: '1@0 2+3@100',
  },
  {
    rule: 'a dynamic batcher without a batch dimension executes requests one by one, without a delay',
    source: '3',
    config: 'max_batch_size: 0 dynamic_batching { max_queue_delay_microseconds: 300000 }',
    arrives: '1@0 1@10 1@20',
    executes: '1@0 2@40 3@80',
  },
  {
    rule: 'a queue limit without a batch dimension is one of requests',
    source: '3',
    config: 'max_batch_size: 0 dynamic_batching { default_queue_policy { max_queue_size: 1 } }',
    serviceMs: 100,
    arrives: '1@0 1@20 1@40',
    executes: '1@0 2@100~',
    refused: '3@40',
  },
  {
    rule: 'the policies of levels have no effect where there are no levels',
    source: '2.4',
    config: `max_batch_size: 8
dynamic_batching { priority_queue_policy { key: 1 value: { max_queue_size: 1 } } }`,
    serviceMs: 100,
    arrives: '1@0 1@20 1@40 1@60',
    executes: '1@0 2+3+4@100',
  },
  {
    rule: 'a default level has no effect where there are no levels',
    source: '2.4',
    config: `max_batch_size: 8
dynamic_batching { default_priority_level: 2 default_queue_policy { max_queue_size: 2 } }`,
    serviceMs: 100,
    arrives: '1@0 1@20 1@40 1@60',
    executes: '1@0 2+3@100~',
    refused: '4@60',
  },
  {
    rule: 'order can be kept where a policy would delay but has no timeout',
    source: '2.4',
    config: `max_batch_size: 1
dynamic_batching { preserve_ordering: true default_queue_policy { timeout_action: DELAY } }`,
    arrives: '1@0 1@10',
    executes: '1@0 2@40',
  },
  {
    rule: 'the order of preferred sizes in the file does not matter',
    source: '2.1',
    config: `max_batch_size: 8
dynamic_batching { preferred_batch_size: [ 6, 2 ] max_queue_delay_microseconds: 300000 }`,
    arrives: '2@0 6@100 1@200',
    executes: '1@0 2@100 3@500',
  },
];
