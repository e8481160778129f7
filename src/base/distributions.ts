/** Random numbers of the usual distributions. The source comes first; nothing is kept between calls. */
export { exponential } from './distributions/exponential.js';
export { gamma } from './distributions/gamma.js';
export { gammaFn, logGammaFn } from './distributions/gamma-function.js';
export { geometric } from './distributions/geometric.js';
export { type LognormalParameters, lognormal, lognormalParameters } from './distributions/lognormal.js';
export { normal } from './distributions/normal.js';
export { WEIBULL_CV_RANGE, weibull, weibullShapeForCv, weibullUnitMean } from './distributions/weibull.js';
