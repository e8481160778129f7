import { calibrateKnown } from './scripts/known/calibrate-known.js';
import { heldOutLoads } from './scripts/known/held-out.js';
import { foundParameters } from './scripts/known/parameters.js';
import { KNOWN_SERVERS } from './scripts/known/servers.js';

const only = process.argv[2] ?? '';
for (const k of KNOWN_SERVERS.filter(({ name }) => name.includes(only))) {
  const t = performance.now();
  try {
    const c = await calibrateKnown(k);
    const { fit, observations } = c;
    console.log(k.name, observations.length, (performance.now() - t) | 0, 'ms');
    for (const p of foundParameters(k, fit))
      if (!p.isUnidentified && (process.argv[3] || Math.abs(p.errorPercent) > 5 || Number.isNaN(p.found)))
        console.log('   ', p.model, p.parameter, p.truth, p.found, p.errorPercent.toFixed(1) + '%');
    for (const h of heldOutLoads(k, c))
      if (process.argv[3] || !(Math.abs(h.meanErrorPercent) < 3 && Math.abs(h.p99ErrorPercent) < 6))
        console.log(
          '   ',
          h.model,
          h.load,
          h.meanMs.toFixed(2),
          h.p99Ms.toFixed(2),
          h.meanErrorPercent.toFixed(1),
          h.p99ErrorPercent.toFixed(1),
        );
    if (process.argv[3])
      for (const p of fit.profiles)
        console.log(
          JSON.stringify({ ...p, provenance: 0, spread: p.spread.law }),
          fit.models.map((m) =>
            m.replays.map((r) =>
              [
                r.id,
                r.measured.meanUs | 0,
                r.predicted.meanUs | 0,
                r.measured.p99Us | 0,
                r.predicted.p99Us | 0,
              ].join(' '),
            ),
          ),
          fit.uncertain,
        );
  } catch (e) {
    console.log(k.name, e);
  }
}
