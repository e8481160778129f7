import { calibrateKnown } from './scripts/known/calibrate-known.js';
import { configsOf, trueProfiles } from './scripts/known/known-server.js';
import { KNOWN_SERVERS } from './scripts/known/servers.js';
import { measuredFigures, misfitOf, replay } from './src/calibrate/fit/replay.js';

for (const name of ['host-delay']) {
  const k = KNOWN_SERVERS.find((e) => e.name === name)!;
  const { observations, fit } = await calibrateKnown(k);
  console.log(fit.serving, fit.unidentified);
  for (const o of observations.filter(({ experiment }) => experiment.kind === 'poisson')) {
    const config = configsOf(k)[0]!;
    const m = measuredFigures(o);
    const t = replay(o, config, trueProfiles(k)[0]!);
    console.log(m.serverUs, m.requestsPerExecution, 'true', t.serverUs, t.requestsPerExecution);
    for (const s of [0, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6]) {
      const p = fit.profiles[0]!;
      const r = replay(o, config, { ...p, serving: { ...p.serving!, batcherWinsShare: s } });
      console.log(s, r.serverUs, r.requestsPerExecution, misfitOf(r, m));
    }
  }
}
