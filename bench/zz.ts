import { digest } from '../src/node/sweep/content-library.js';
import { engine } from '../src/node/sweep/engine.js';
import { PointEvaluator } from '../src/sweep/evaluate.js';
import { oneModel, placements, prepareTexts } from './sweep-cases/workload.js';
async function main() {
const single = await prepareTexts(oneModel(100000), `perseus: 1
name: settings
scenario: scenario.yaml
axes:
  - {name: batch, vary: maxBatchSize, values: [4, 8, 16, 32]}
  - {name: delayUs, vary: queueDelayUs, range: {from: 100, to: 10000, scale: log, steps: 50, wholeNumbers: true}}
`);
const { scenario, sweep } = placements(100000, 100);
const fleet = await prepareTexts(scenario, sweep);
for (const [n, s] of (process.argv[2]==='fleet' ? [['fleet', fleet]] : [['single', single]]) as [string, typeof single][]) {
const ev = new PointEvaluator({ engine: engine(), digest, library: s.library });
for (const { scenario } of s.points.slice(0, 20)) ev.evaluate(scenario);
const c = process.cpuUsage(), t = performance.now(), b = { ...ev.components };
for (const { scenario } of s.points.slice(20)) ev.evaluate(scenario);
const u = process.cpuUsage(c);
console.log(n, (s.points.length-20)/((u.user+u.system)/1e6), 'per cpu s', (s.points.length-20)/((performance.now()-t)/1000), 'per s', ev.components.simulated-b.simulated);
}
}
main();
