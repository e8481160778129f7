import { calibrateKnown } from './scripts/known/calibrate-known.js';
import { answeredRows, statisticsOf } from './scripts/known/counted.js';
import { configsOf, played } from './scripts/known/known-server.js';
import { KNOWN_SERVERS } from './scripts/known/servers.js';
import { RandomStreams } from './src/base/random.js';
import { generateTrace, tenantRandoms } from './src/trace/synthesis/generate.js';

const k = KNOWN_SERVERS.find(({ name }) => name === 'gpu-8000')!;
for (const rate of [2000, 15000]) {
  const trace = generateTrace({
    ...tenantRandoms(new RandomStreams('x'), 'model'),
    tenant: 'model',
    process: { kind: 'poisson', ratePerS: rate },
    durationS: 4,
  });
  const log = played(k, [{ model: 'model', batchSize: 1, load: { mode: 'open', trace } }], {
    durationS: 6,
    seed: 'x',
  });
  const rows = answeredRows(log, 'model');
  const m = (f: (i: number) => number) => rows.reduce((s, i) => s + f(i), 0) / rows.length;
  const st = statisticsOf(log, 'model', rows);
  console.log(
    rate,
    'lat',
    m((i) => log.endedUs[i] - log.sentUs[i]),
    'net',
    m((i) => log.networkUs[i]),
    'fe',
    m((i) => log.frontEndUs[i]),
    'q',
    m((i) => log.startedUs[i] - log.queuedUs[i]),
    'succ',
    st.success.ns / st.success.count / 1000,
    'resp',
    m((i) => log.responseUs[i]),
    'in',
    m((i) => log.inputUs[i] + log.inferUs[i] + log.outputUs[i]),
    'sent->queue',
    m((i) => log.queuedUs[i] - log.sentUs[i]),
  );
}
