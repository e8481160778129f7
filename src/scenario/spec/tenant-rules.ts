import type { RecoveryRules } from './recovery.js';

/** What may be taken out of a file with tenants where it is wrong, so that the rest is checked too. */
export const TENANT_RULES: RecoveryRules = {
  // Nothing refers to a tenant, so that the others can be checked without it.
  mayLose: (list) => list.length === 1 && list[0] === 'tenants',
  standIn: ([list, , field, ...rest]) =>
    list === 'tenants' && field === 'load' && rest.length === 0 ? STAND_IN_LOAD : undefined,
};

/** A load with an end of its own, so that nobody asks for that of the run. */
const STAND_IN_LOAD = { process: { kind: 'constant', ratePerS: 1 }, durationS: 1 };
