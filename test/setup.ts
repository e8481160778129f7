import fc from 'fast-check';

// The same random cases at every run, so that a failure can be repeated; FC_SEED=7 npm test tries others.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 1) });
