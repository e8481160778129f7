import * as z from 'zod';

/** A figure; null stands for one that cannot be told, and is read as NaN. */
export const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
