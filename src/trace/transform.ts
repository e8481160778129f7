export { concatTraces, superposeTraces } from './transform/combine.js';
export { scaleRate, thinTrace } from './transform/rate.js';
export {
  type MapSourcesOptions,
  mapSources,
  renameTenants,
  selectTenant,
  selectTenants,
  splitTenants,
} from './transform/tenants.js';
export { rowsBefore, type SliceOptions, scaleTime, sliceTrace } from './transform/time.js';
