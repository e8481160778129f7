import { gunzipSync } from 'node:zlib';

/*
 * Arrow files that polars 2.1.0 wrote, packed with gzip.
 */

/** `tenant` of the type Categorical, of the tenants `a`, `a long name of a tenant` and `a`; its dictionary lies behind the batch. */
export const CATEGORICAL = unpacked(
  'H4sIAAAAAAACA+1UTUsCURQ9M05hNoSZ0NRqli3NNoKbBokIBEOCWgQ2kGlgGqat/QH9gH5GS5f9kNYtolVEtAimc9+8iXFI0NY9uO++dz+O9565T69erx1vAxaAtyAI8pCzwT2DZaS5W7imXfwm5QFh7DNt99R3lDbljOJQDCeHTUY42GC2jSzyCk1y3pnjUtsU8Vnc0zwXyoXycKdY5pHxQOOw2qh4R3v7tfpBxasWodcn88PctEL80HjAIi0WvlSdFm/AoNn1uwPglbYS725Unym/kWNUFqsKx1YIUtuu+BX+kqotw7Pf71/e+p3G8CasgWFBxIFgj3RtIW8poq0pfOnuhf6U9p/q3oTXPH3CjIXpy9F6N2GP7nbMJt8llYhLTcF9WpjU8ywDf1/C23gqb+YEb8nvLLNm6vhzypbOA1bIU8gl9JwZM3AAPQ9xPtcTfZq/9O7H7hLvu53erP1LbLfldv2rptu7cH03GtA5+EOMvxPq0g9/Mg85NVHyrqTWgiZirPNHiV7ausHHhP//rau33qLPU3+N31jN3mchBQAA',
);

/** `arrival_us` alone, with `compression='lz4'`. */
export const COMPRESSED = unpacked(
  'H4sIAAAAAAACA73TOUsDQRTA8bfJRjfJqptsovGOMd5nPOO96SwUIQiWkkYQxCKitY1gael3EPxQYmklFhbC+p9xPEFLd/nN+ebtMrNbqVZ39koitog8hmGYEdW2KBOSFIfSlmfGXUYc7vdZFf/AeJk6jxysiIgnaeY8SelYtUrkibhAzescceZVXpFavX54VjvaPz0RISS8+pI3sPRSeXufKJl8nduld2/yqWvLPD9j+i5vYlN6jLwQZ9OLyO9X0fpsq2bwM8Astgvbud3gNkaMT6BvOeJHEIWNGBrQCAdxJJCEiyY0owUeUkjDRwZZtKINObSjA53oQjd60Is8+lBAP4oYwCCGMIwRjGIM45jAJKYwjRJmMIs5zGMBiyhjCctYwSrWsO7I+YbZloN6Nqbqi83juz+2V5+rfD1X6vLHuarzSnNW6otw9f5fmnXXpg6s7/n+4Vu8oVvRv8UrgAJe9B0DAAA=',
);

function unpacked(base64: string): Uint8Array {
  return gunzipSync(Buffer.from(base64, 'base64'));
}
