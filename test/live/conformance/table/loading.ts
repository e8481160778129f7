import { type Row, sleeping } from '../row.js';

const steady = [0, 150, 300, 450, 600, 750, 900, 1050, 1200];
const waiting = Array.from({ length: 14 }, (_, i) => 20 * i);

/** What is loaded and unloaded in mid-run, and processes that die. */
export const LOADING: readonly Row[] = [
  {
    rule: 'unloading: what was accepted is executed, and what comes later is refused, until it is loaded again',
    source: '7',
    models: { A: sleeping(100) },
    arrives: '1@0 1@10 1@20 1@150 1@3500',
    changes: [
      { atMs: 60, do: 'unloadModel', model: 'A' },
      { atMs: 400, do: 'loadModel', model: 'A', loadMs: 600 },
    ],
    executes: { A: '1@0 2@100 3@200 5@3500' },
    answers: '1@100 2@200 3@300 5@3600',
    errors: '4@150',
  },
  {
    rule: 'reloading: no request is lost or kept waiting',
    source: '7',
    models: { A: sleeping(60) },
    arrives: steady.map((ms) => `1@${ms}`).join(' '),
    changes: [{ atMs: 100, do: 'reloadModel', model: 'A', loadMs: 600 }],
    executes: { A: steady.map((ms, i) => `${i + 1}@${ms}`).join(' ') },
    answers: steady.map((ms, i) => `${i + 1}@${ms + 60}`).join(' '),
  },
  {
    rule: 'reloading: the version before serves what it has accepted, beside the new one, which takes all that come',
    source: '7',
    models: { A: sleeping(250) },
    arrives: [...waiting.map((ms) => `1@${ms}`), '1@3100', '1@3120'].join(' '),
    changes: [{ atMs: 100, do: 'reloadModel', model: 'A', loadMs: 600 }],
    executes: { A: [...waiting.map((_, i) => `${i + 1}@${i * 250}`), '15@3100', '16@3350'].join(' ') },
    answers: [...waiting.map((_, i) => `${i + 1}@${i * 250 + 250}`), '15@3350', '16@3600'].join(' '),
  },
  {
    rule: 'a process that dies: the request in it and all that come later have an error after a second, and nothing starts it anew',
    source: '8',
    models: { A: { ...sleeping(100), mayDie: true } },
    arrives: '1@0 1@50c13 1@200 1@2500',
    executes: { A: '1@0' },
    answers: '1@100',
    errors: '2@1100 3@2100 4@3500',
    finding: `the notes took errors of a dead process for fast. Each request to it keeps its instance for a second. The model stays
READY, and cannot be unloaded: it was UNLOADING for more than a minute.`,
    diesMs: 101,
  },
  {
    rule: 'a process that dies: its instance goes on taking one request a second from the others of the model',
    source: '8',
    models: {
      A: {
        config: 'max_batch_size: 8 instance_group [ { kind: KIND_CPU count: 2 } ]',
        serviceMs: 100,
        mayDie: true,
      },
    },
    arrives: '1@0c13 1@20 1@700 1@720 1@1300 1@1320 1@1340',
    executes: { A: '2@20 3@700 4@800 6@1320 7@1420 or 2@20 3@700 4@800 5@1300 7@1400' },
    answers: '2@120 3@800 4@900 6@1420 7@1520 or 2@120 3@800 4@900 5@1400 7@1500',
    errors: '1@1000 5@2300 or 1@1000 6@2320',
    finding: `the notes expected that the dead instance answers fastest and draws nearly all requests to it. It fails one in a second; with
requests that take less the other instance serves nearly all.`,
    diesMs: 1,
  },
];
