import fc from 'fast-check';
import { beforeEach } from 'vitest';

// The same random cases at every run, so that a failure can be repeated; FC_SEED=7 npm test tries others.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 1) });

// Commands leave their exit code on the process, which many files share.
beforeEach(() => {
  process.exitCode = undefined;
});
