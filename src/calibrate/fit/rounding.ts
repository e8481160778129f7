/** Files of a calibration keep no more digits than a measurement gives. */
export const tenths = (value: number) => Math.round(value * 10) / 10;
export const hundredths = (value: number) => Math.round(value * 100) / 100;
export const thousandths = (value: number) => Math.round(value * 1000) / 1000;
/** Nanoseconds, of milliseconds. */
export const millionths = (value: number) => Math.round(value * 1e6) / 1e6;
