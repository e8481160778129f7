import { readNvidiaTables } from './tables.js';
import { parametersUnder } from '../../src/calibrate/summary/front-end.js';
import { spreadOf } from '../../src/calibrate/summary/spread.js';
import { predictTable } from './predict.js';
const { tables } = readNvidiaTables('/work/shared/data/profiles');
const fe = {handlerMsPerKb: 0.00039, linkMsPerKb: 0.00066, inputMsPerKb: 0.00049, responseMs: 0.0065, roundTripMs: 0.44, slowdownExcess: 0.31};
for (const table of tables.filter((t) => t.device === 'Tesla T4')) {
  const setup = table.setups.at(-1)!;
  const t0 = performance.now();
  predictTable({ table, setup, parameters: parametersUnder(fe, { setup, observations: table.offline }), spread: { service: spreadOf(table.offline), handlerCv: 0.5 }, residuals: [], fittedConcurrencies: [] });
  console.log(table.name, table.online.length, ((performance.now() - t0) / 1000).toFixed(1));
}
