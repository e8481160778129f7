import type { ComponentSetup } from '../component-run.js';
import { responseNs } from '../service/served-run.js';
import type { Admitted, ChainRequests } from './chain-requests.js';
import { computeEndNsOf } from './fast-path-responses.js';
import type { FastPathExecution, FastPathSink } from './fast-path-sink.js';

/** Leaves what a model of a chain did in the component's tables, and hands its responses on. */
export class StageSink implements FastPathSink {
  readonly #setup: ComponentSetup;
  readonly #model: number;
  readonly #requests: ChainRequests;
  readonly #admitted: Admitted;
  readonly #responseDelayNs: number;

  constructor(setup: ComponentSetup, requests: ChainRequests, model: number) {
    this.#setup = setup;
    this.#model = model;
    this.#requests = requests;
    this.#admitted = requests.admittedAt(model);
    this.#responseDelayNs = setup.networkDelay(model).responseDelayUs * 1000;
  }

  attach(): void {}

  started(execution: FastPathExecution): void {
    const { requests } = this.#setup;
    const { instance, batch, startNs, from, to } = execution;
    execution.number = this.#requests.started(this.#model, instance, batch, startNs);
    for (let index = from; index < to; index++) {
      const row = this.#admitted.rows[index]!;
      requests.startedNs[row] = startNs;
      requests.execution[row] = execution.number;
    }
  }

  inferring({ number, inferStartNs }: FastPathExecution): void {
    this.#setup.executions.inferStartNs[number] = inferStartNs;
  }

  answer(execution: FastPathExecution): number {
    const { requests, executions, served, scenario } = this.#setup;
    const { from, to, number, inputNs, inferNs, outputNs, startNs, instance } = execution;
    const { rows, step: steps } = this.#admitted;
    const [inputUs, inferUs, outputUs] = [inputNs / 1000, inferNs / 1000, outputNs / 1000];
    const { profile } = served[this.#model]!.instances[instance]!;
    executions.inferEndNs[number] = startNs + inputNs + inferNs;
    const computeEndNs = computeEndNsOf(execution);
    let readyNs = computeEndNs;
    for (let index = from; index < to; index++) {
      const row = rows[index]!;
      const step = steps[index]!;
      requests.inputUs[row] = inputUs;
      requests.inferUs[row] = inferUs;
      requests.outputUs[row] = outputUs;
      const answer = step < 0 ? scenario.tenants[requests.tenant[row]!]! : profile.payload;
      readyNs += responseNs(profile, answer, requests.size[row]!);
      requests.responseUs[row] = (readyNs - computeEndNs) / 1000;
      if (step < 0) this.#requests.answerClient(row, readyNs, this.#responseDelayNs);
      else this.#requests.answered(row, step, readyNs, number);
    }
    return readyNs;
  }

  /** No model of a chain refuses a request, or gives it up. */
  drop(): void {}
}
