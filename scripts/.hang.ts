import { traceFromArrow, traceToArrow } from '../src/trace/arrow.js';
import { buildTrace } from '../src/trace/build.js';
import { writeFileSync } from 'node:fs';
const EXAMPLE = buildTrace({ arrivalUs: [0, 1500, 1500], tenants: ['a', 'b'], tenant: [0, 1, 0], batchSize: [1, 2, 4], durationUs: 2000, source: 'test' });
const bytes = traceToArrow(EXAMPLE);
for (let at=0; at<bytes.length; at++) for (const v of [0,1,2,4,16,127,128,255]) {
  const c = bytes.slice(); c[at]=v;
  writeFileSync('/tmp/last', `${at} ${v}`);
  const t0=performance.now();
  try { traceFromArrow(c); } catch (e) { if ((e as Error).name!=='InputError') console.log(at, v, e); }
  if (performance.now()-t0>50) console.log('slow', at, v, performance.now()-t0);
}
