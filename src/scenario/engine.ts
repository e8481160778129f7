/** How the engine of a language model (vLLM, TensorRT-LLM) forms the batch of each step. */
export interface Engine {
  /** Requests in one step, at most. */
  readonly maxSequences: number;
  /** Tokens in one step, at most: of prompts that are read, and one of each answer. */
  readonly tokenBudget: number;
  /** Tokens that the KV cache of an instance holds; absent = what the profile says. */
  readonly kvTokens?: number;
  /** Whether each token is a response of its own. */
  readonly streams: boolean;
}

/** How many tokens requests have: lognormal, or constant where `cv` is 0. */
export interface TokenLaw {
  readonly mean: number;
  readonly cv: number;
}
