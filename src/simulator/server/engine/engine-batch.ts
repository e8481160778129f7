/** What one instance of an engine may have in a step. */
export interface EngineLimits {
  readonly maxSequences: number;
  readonly tokenBudget: number;
  readonly kvTokens: number;
}

/** One step of an engine: a pass of the model over tokens of all its sequences. */
export interface EngineStep {
  /** Positions of the requests in it. */
  readonly sequences: readonly number[];
  /** Tokens of prompts that are read. */
  readonly prefillTokens: number;
  /** Sequences that get a further token of their answer. */
  readonly decodes: number;
  /** Those that have the first token of their answer at its end, and how many they will have. */
  readonly beginning: readonly { readonly position: number; readonly tokens: number }[];
  /** Those that have a token of their answer, and will have others. */
  readonly continuing: readonly number[];
  /** Those that have the last one. */
  readonly ending: readonly number[];
  /** What its sequences keep of the KV cache until it ends. */
  readonly kvTokens: number;
}

interface Sequence {
  readonly position: number;
  readonly output: number;
  /** What it keeps of the KV cache from its start to its end. */
  readonly kvTokens: number;
  promptLeft: number;
  outputLeft: number;
}

/**
 * Which requests an engine has in its next step. Those under way come first, one token of the answer or the next part of the prompt
 * each, then those that wait, in order of arrival, while budget, places and KV cache last (vLLM v1/core/sched/scheduler.py at
 * 00024d3, `schedule`). A request keeps room for all its tokens from its start on: none is ever put back, as with TensorRT-LLM's
 * default GUARANTEED_NO_EVICT.
 */
export class EngineBatch {
  readonly #limits: EngineLimits;
  #running: Sequence[] = [];
  readonly #waiting: Sequence[] = [];
  #nextWaiting = 0;
  #kvUsed = 0;

  constructor(limits: EngineLimits) {
    this.#limits = limits;
  }

  get hasWork(): boolean {
    return this.#running.length > 0 || this.#nextWaiting < this.#waiting.length;
  }

  /** Tokens of its KV cache that requests under way keep. */
  get kvUsed(): number {
    return this.#kvUsed;
  }

  /** @returns whether the KV cache could ever hold the request, which else is not taken */
  add(position: number, prompt: number, output: number): boolean {
    const kvTokens = prompt + output;
    if (kvTokens > this.#limits.kvTokens) return false;
    this.#waiting.push({ position, output, kvTokens, promptLeft: prompt, outputLeft: output });
    return true;
  }

  /** Forms the next step, and takes it as done: what it gives is there when the step ends. */
  next(): EngineStep {
    const step = new StepDraft(this.#limits.tokenBudget);
    for (const sequence of this.#running) step.take(sequence);
    while (this.#running.length < this.#limits.maxSequences && step.budget > 0) {
      const sequence = this.#admit();
      if (sequence === undefined) break;
      step.take(sequence);
    }
    step.kvTokens = this.#kvUsed;
    if (step.ending.length > 0) {
      for (const { outputLeft, kvTokens } of this.#running) if (outputLeft === 0) this.#kvUsed -= kvTokens;
      this.#running = this.#running.filter(({ outputLeft }) => outputLeft > 0);
    }
    return step;
  }

  /** The next one that waits, where there is room for it. */
  #admit(): Sequence | undefined {
    const sequence = this.#waiting[this.#nextWaiting];
    if (sequence === undefined || this.#kvUsed + sequence.kvTokens > this.#limits.kvTokens) return undefined;
    this.#nextWaiting++;
    if (this.#nextWaiting * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#nextWaiting);
      this.#nextWaiting = 0;
    }
    this.#kvUsed += sequence.kvTokens;
    this.#running.push(sequence);
    return sequence;
  }
}

/** A step that is being formed. */
class StepDraft implements EngineStep {
  readonly sequences: number[] = [];
  prefillTokens = 0;
  decodes = 0;
  readonly beginning: { position: number; tokens: number }[] = [];
  readonly continuing: number[] = [];
  readonly ending: number[] = [];
  kvTokens = 0;
  /** Tokens that are left for others. */
  budget: number;

  constructor(budget: number) {
    this.budget = budget;
  }

  /** Takes as much of a sequence as there is budget for. */
  take(sequence: Sequence): void {
    if (this.budget === 0) return;
    this.sequences.push(sequence.position);
    if (sequence.promptLeft > 0) this.#read(sequence);
    else {
      this.decodes++;
      this.budget--;
      this.#answer(sequence);
    }
  }

  /** With the last part of the prompt comes the first token of the answer. */
  #read(sequence: Sequence): void {
    const tokens = Math.min(sequence.promptLeft, this.budget);
    sequence.promptLeft -= tokens;
    this.prefillTokens += tokens;
    this.budget -= tokens;
    if (sequence.promptLeft > 0) return;
    this.beginning.push({ position: sequence.position, tokens: sequence.output });
    this.#answer(sequence);
  }

  #answer(sequence: Sequence): void {
    sequence.outputLeft--;
    (sequence.outputLeft === 0 ? this.ending : this.continuing).push(sequence.position);
  }
}
