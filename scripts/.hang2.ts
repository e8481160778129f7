import { traceToArrow } from '../src/trace/arrow.js';
import { buildTrace } from '../src/trace/build.js';
import { tableFromIPC } from 'apache-arrow';
const EXAMPLE = buildTrace({ arrivalUs: [0, 1500, 1500], tenants: ['a', 'b'], tenant: [0, 1, 0], batchSize: [1, 2, 4], durationUs: 2000, source: 'test' });
const bytes = traceToArrow(EXAMPLE);
for (const [at,v] of [[96,2],[118,128]] as const) {
  const c = bytes.slice(); c[at]=v;
  const t0=performance.now();
  try { const t = tableFromIPC(c); console.log('rows', t.numRows, t.schema.fields.map(f=>f.name+':'+f.type), t.schema.metadata.size); } catch (e) { console.log((e as Error).message); }
  console.log(at, v, performance.now()-t0);
}
