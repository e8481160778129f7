import type { Execution } from './execution.js';

/** What is going on at one instance of a model that pipelines: at most two executions, one of them inferring. */
class Pipeline {
  #inFlight = 0;
  #isInferring = false;
  #waiting: Execution | undefined;
  /** The instance takes its next payload as soon as the older execution is over. */
  #owesFreeing = false;

  started(): void {
    this.#inFlight++;
  }

  /** The input of an execution is there. @returns whether it infers now; else it waits until another has */
  infers(execution: Execution): boolean {
    if (this.#isInferring) {
      this.#waiting = execution;
      return false;
    }
    this.#isInferring = true;
    return true;
  }

  /** Whether the instance is free for its next payload once an input is there: unless two are in flight. */
  freesAfterInput(): boolean {
    if (this.#inFlight <= 1) return true;
    this.#owesFreeing = true;
    return false;
  }

  /** An inference is over. @returns the execution that infers next, if one waits */
  inferred(): Execution | undefined {
    const next = this.#waiting;
    this.#waiting = undefined;
    this.#isInferring = next !== undefined;
    return next;
  }

  /** An execution is over. @returns whether the instance is free for its next payload only now */
  ended(): boolean {
    this.#inFlight--;
    const isOwed = this.#owesFreeing;
    this.#owesFreeing = false;
    return isOwed;
  }
}

/** Of all models that pipeline. */
export class Pipelines {
  /** By the number of the served model and the instance. */
  readonly #all: Pipeline[][] = [];

  /** Undefined where the model of an execution does not. */
  of({ served, instance }: Execution): Pipeline | undefined {
    if (served.model.pipelined !== true) return undefined;
    this.#all[served.number] ??= [];
    const pipelines = this.#all[served.number]!;
    pipelines[instance] ??= new Pipeline();
    return pipelines[instance];
  }
}
