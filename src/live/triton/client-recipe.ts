import type { ClientRecipe } from '../load/load-options.js';
import type { TritonOptions } from './connect.js';

/** How a worker thread connects to a Triton server. `options` must be plain data, as for the server's own client. */
export function tritonRecipe(options: TritonOptions): ClientRecipe {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return {
    module: new URL(`./connect.${ending}`, import.meta.url).href,
    factory: 'connectTriton',
    options,
  };
}
