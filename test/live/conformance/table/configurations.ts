import type { ConformanceCase } from '../conformance-case.js';

/** What Triton makes of a configuration that leaves things open. */
export const CONFIGURATIONS: readonly ConformanceCase[] = [
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
    rule: 'the order of preferred sizes in the file does not matter',
    source: '2.1',
    config: `max_batch_size: 8
dynamic_batching { preferred_batch_size: [ 6, 2 ] max_queue_delay_microseconds: 300000 }`,
    arrives: '2@0 6@100 1@200',
    executes: '1@0 2@100 3@500',
  },
];
