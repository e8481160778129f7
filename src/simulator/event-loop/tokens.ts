import { lognormal, lognormalParameters } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import type { Tenant } from '../../scenario/scenario.js';
import type { TokenLaw } from '../../scenario/spec/tenant-spec.js';
import type { NextRequest } from '../load/clients.js';
import type { RequestTokens } from '../server/engine/engine-server.js';

/** Draws how many tokens one request after the other has. */
export function tokenSampler({ mean, cv }: TokenLaw, random: Random): () => number {
  if (cv === 0) return () => Math.round(mean);
  const parameters = lognormalParameters(mean, cv);
  return () => Math.max(1, Math.round(lognormal(random, parameters)));
}

/** Tokens of all requests that have some, by row: kept where a model has an engine. */
export class Tokens {
  readonly #byRow = new Map<number, RequestTokens>();
  readonly #samplers: readonly ({ prompt: () => number; output: () => number } | undefined)[];

  /** @param randomOf random numbers for that use of that tenant */
  constructor(tenants: readonly Tenant[], randomOf: (use: string) => Random) {
    this.#samplers = tenants.map(
      ({ name, tokens }) =>
        tokens && {
          prompt: tokenSampler(tokens.prompt, randomOf(`prompt tokens ${name}`)),
          output: tokenSampler(tokens.output, randomOf(`output tokens ${name}`)),
        },
    );
  }

  of(row: number): RequestTokens {
    return this.#byRow.get(row)!;
  }

  /** A client sends a request: what its trace does not say is drawn. */
  sent(row: number, t: number, { promptTokens, outputTokens }: NextRequest): void {
    const sampler = this.#samplers[t];
    const prompt = promptTokens || sampler?.prompt();
    const output = outputTokens || sampler?.output();
    if (prompt !== undefined && output !== undefined) this.#byRow.set(row, { prompt, output });
  }

  /** A model calls another: its tokens go with the request. */
  called(row: number, parent: number): void {
    const own = this.#byRow.get(parent);
    if (own !== undefined) this.#byRow.set(row, own);
  }
}
