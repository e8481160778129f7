/** Everything in the core, and what needs files, threads or a drawing library. */
export * from './index.js';
export { type InitOptions, initScenario } from './node/init.js';
export { readPriceBook } from './node/price-files.js';
export { readProfiles } from './node/profile-files.js';
export { writeRequestLog } from './node/request-log-files.js';
export { writeHtml, writeRunFolder } from './node/run-folder.js';
export { type RunOptions, runScenario, type ScenarioRun, simulateScenario } from './node/run-scenario.js';
export { loadScenario } from './node/scenario-files.js';
export { importTraceFile, readTrace, writeTrace } from './node/trace-files.js';
export { reportToHtml } from './report/html/page.js';
