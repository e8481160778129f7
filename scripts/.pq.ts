import { loadFamilies } from './fuzz/families.js';
import { randomScenario } from './fuzz/random-scenario.js';
import { toJson } from './fuzz/mutate-value.js';
import { RandomStreams } from '../src/base/random.js';
const f=(await loadFamilies()).find(f=>f.name==='scenario')!;
const c=new Map<string,number>(); let ok=0;
for(let i=0;i<400;i++){ const t=toJson(randomScenario(new RandomStreams(5).get('a'+i)),0);
 try { await f.read(new TextEncoder().encode(t)); ok++; } catch(e:any){ for(const p of e.problems??[{what:String(e)}]) {const k=p.what.replace(/\d+/g,'N').slice(0,120); c.set(k,(c.get(k)??0)+1);} } }
console.log(ok,[...c].sort((a,b)=>b[1]-a[1]).slice(0,20));
