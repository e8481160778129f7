/** Half width of the 95 % interval of an estimate with normal errors, in standard errors. */
export const NORMAL_95 = 1.96;
