import type { Random } from '../../../src/base/random.js';
import {
  type EnsembleModel,
  isEnsemble,
  type Row,
  type RowModel,
  type SleepingModel,
  stepsOf,
} from './row.js';
import { READY } from './table/sequences.js';

/** Later than anything in a random row. */
const HORIZON = '1@4000';

/**
 * Draws one row. No step has a queue that may be full: that ends the real 24.10. Models of sequences have several instances only
 * where each has one slot: of several slots the earlier rows of a server would say which comes first.
 */
export class RowDrawing {
  readonly #random: Random;
  readonly #models: Record<string, RowModel> = {};
  /** Models that call no other. */
  readonly #leaves: string[] = [];
  /** Models that a step or a call has. */
  readonly #taken = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  row(rule: string): Row {
    for (const name of ['A', 'B', 'C', 'D'].slice(0, 2 + this.#int(3))) {
      this.#models[name] = this.#leaf();
      this.#leaves.push(name);
    }
    if (this.#has(0.3)) this.#models['P'] = this.#calling();
    this.#models['J'] = { ...this.#plain(), inputs: 2 };
    const ensembles = ['F', 'E'].slice(this.#int(2));
    for (const name of ensembles) this.#models[name] = this.#ensemble(Object.keys(this.#models));
    const used = new Set(Object.values(this.#models).flatMap((model) => this.#usedBy(model)));
    if (!used.has('J')) delete this.#models['J'];
    const tops = Object.keys(this.#models).filter(
      (name) => name !== 'J' && !(used.has(name) && this.#isCached(name)),
    );
    const arrives = this.#arrivals(
      tops,
      ensembles.filter((name) => tops.includes(name)),
    );
    return { rule, source: 'random', models: this.#models, arrives, executes: { A: HORIZON } };
  }

  #usedBy(model: RowModel): string[] {
    if (isEnsemble(model)) return stepsOf(model).map((step) => step.model);
    return (model.calls ?? []).flatMap((step) => {
      if ('call' in step) return [step.call];
      return 'parallel' in step ? step.parallel.flatMap((each) => ('call' in each ? [each.call] : [])) : [];
    });
  }

  /** Whether a cache sees its requests: they are equal to those of others that the same tensors reach. */
  #isCached(name: string): boolean {
    const model = this.#models[name]!;
    if (model.config?.includes('response_cache') === true) return true;
    return this.#usedBy(model).some((each) => this.#isCached(each));
  }

  #plain(): SleepingModel {
    const batch = this.#pick([8, 8, 2]);
    return { config: `max_batch_size: ${batch}${this.#instances()}`, serviceMs: this.#ms(40, 130) };
  }

  #instances(): string {
    const count = this.#pick([1, 1, 1, 2]);
    return count === 1 ? '' : ` instance_group [ { kind: KIND_CPU count: ${count} } ]`;
  }

  #leaf(): SleepingModel {
    const plain = this.#plain();
    const itemMs = this.#pick([0, 0, 20]);
    const more = (config: string, rest: Partial<SleepingModel> = {}) => ({
      ...plain,
      itemMs,
      config: `${plain.config} ${config}`,
      ...rest,
    });
    return this.#pick<() => SleepingModel>([
      () => plain,
      () => more('dynamic_batching { }'),
      () => more(`dynamic_batching { max_queue_delay_microseconds: ${this.#pick([60, 120, 200])}000 }`),
      () =>
        more(
          `dynamic_batching { preferred_batch_size: [ ${this.#pick(['2', '1, 2'])} ] max_queue_delay_microseconds: ${this.#pick([0, 120])}000 }`,
        ),
      () => more(`dynamic_batching { default_queue_policy { max_queue_size: ${this.#pick([1, 2])} } }`),
      () => more('response_cache { enable: true }'),
      () => more('dynamic_batching { } response_cache { enable: true }'),
      () => more('dynamic_batching { priority_levels: 2 default_priority_level: 2 }'),
      () => this.#stream(plain),
      () => this.#stream(plain),
      () => this.#sequences(),
      () => this.#sequences(),
    ])();
  }

  #stream(plain: SleepingModel): SleepingModel {
    const responses = {
      count: this.#pick([0, 1, 2, 3]),
      firstMs: this.#pick([30, 70]),
      gapMs: this.#pick([50, 90]),
      ...(this.#has(0.3) && { endMs: 60 }),
    };
    return { ...plain, responses };
  }

  #sequences(): SleepingModel {
    const slots = this.#pick([1, 2, 4]);
    const strategy = this.#pick([
      'direct { }',
      'direct { max_queue_delay_microseconds: 150000 minimum_slot_utilization: 0.5 }',
      `oldest { max_candidate_sequences: ${slots} }`,
      `oldest { max_candidate_sequences: ${slots} max_queue_delay_microseconds: 150000 }`,
    ]);
    const instances = slots === 1 ? this.#instances() : '';
    const config = `max_batch_size: ${slots} sequence_batching { ${strategy} ${READY} }${instances}`;
    return { config, serviceMs: this.#ms(50, 110) };
  }

  #calling(): SleepingModel {
    const to = this.#leaves.filter((name) => this.#isCallable(name));
    if (to.length === 0) return this.#plain();
    const call = (names: readonly string[] = to) => {
      const name = this.#pick(names);
      if (this.#isCached(name))
        to.splice(to.indexOf(name), 1, to.find((each) => !this.#isCached(each)) ?? name);
      this.#taken.add(name);
      return { call: name, ...(this.#has(0.3) && { per: 'batch' as const }) };
    };
    // Of two calls of one model at once the batcher may take the first alone.
    const atOnce = () => {
      const first = call();
      const others = to.filter((name) => name !== first.call);
      return others.length === 0 ? first : { parallel: [first, call(others)] };
    };
    const steps = Array.from({ length: 1 + this.#int(2) }, () =>
      this.#has(0.3) ? atOnce() : this.#has(0.2) ? { ownMs: this.#ms(40, 80) } : call(),
    );
    return { ...this.#leafOfCalls(), calls: steps };
  }

  #leafOfCalls(): SleepingModel {
    // One instance: of two that get their answers together, either may go on first.
    const batching = this.#has(0.4) ? ' dynamic_batching { max_queue_delay_microseconds: 80000 }' : '';
    return { config: `max_batch_size: 8${batching}`, serviceMs: this.#ms(20, 60) };
  }

  #isCallable(name: string): boolean {
    const model = this.#models[name]!;
    return !isEnsemble(model) && model.responses === undefined && !this.#keepsSequences(name);
  }

  #isLimited(name: string): boolean {
    return this.#models[name]!.config?.includes('max_queue_size') === true;
  }

  #keepsSequences(name: string): boolean {
    const model = this.#models[name]!;
    if (isEnsemble(model)) return stepsOf(model).some((step) => this.#keepsSequences(step.model));
    return model.config.includes('sequence_batching');
  }

  #ensemble(names: readonly string[]): EnsembleModel {
    const isFree = (name: string) =>
      name !== 'J' && !this.#isLimited(name) && !(this.#isCached(name) && this.#taken.has(name));
    if (!names.some(isFree)) this.#models[names[0]!] = this.#plain();
    const tensors = ['IN'];
    const unused = new Set<string>();
    const steps: { needs: string[]; called: string }[] = [];
    const hasJ = this.#has(0.5);
    const count = 2 + this.#int(3);
    for (let i = 0; i < count; i++) {
      const wantsTwo = hasJ && tensors.length > 1 && this.#has(0.5);
      const left = names.filter(isFree);
      if (left.length === 0) break;
      const called = wantsTwo ? 'J' : this.#pick(left);
      this.#taken.add(called);
      const first = this.#has(0.6) ? tensors.at(-1)! : this.#pick(tensors);
      const others = tensors.filter((tensor) => tensor !== first);
      const needs = wantsTwo ? [first, this.#pick(others)] : [first];
      for (const tensor of needs) unused.delete(tensor);
      const gives = `t${i}`;
      tensors.push(gives);
      unused.add(gives);
      const model = this.#models[called]!;
      const outputs = isEnsemble(model) ? stepsOf(model).map((step) => step.gives) : [];
      const output = outputs.filter((tensor) => tensor.startsWith('OUT') && tensor !== 'OUT');
      steps.push({ needs, called: output.length > 0 ? `${called}.${this.#pick(output)}` : called });
    }
    const outs = [...unused];
    const outName = (tensor: string) => {
      const at = outs.indexOf(tensor);
      return at < 0 ? tensor : outs.length === 1 ? 'OUT' : `OUT${'ABCDE'[at]}`;
    };
    const keepsSequences = steps.some(({ called }) => this.#keepsSequences(called.split('.')[0]!));
    const batch = Math.min(...steps.map(({ called }) => this.#batchOf(called.split('.')[0]!)));
    return {
      steps: steps
        .map(({ needs, called }, i) => `${needs.map(outName).join(',')}>${called}>${outName(`t${i}`)}`)
        .join('; '),
      config: `max_batch_size: ${keepsSequences ? Math.min(batch, 1) : batch}${this.#has(0.1) ? ' response_cache { enable: true }' : ''}`,
    };
  }

  #batchOf(name: string): number {
    return Number(/max_batch_size: (\d+)/.exec(this.#models[name]!.config!)![1]);
  }

  #arrivals(tops: readonly string[], ensembles: readonly string[]): string {
    let atMs = 0;
    const started = new Set<string>();
    const words = Array.from({ length: 3 + this.#int(7) }, () => {
      const name = this.#has(0.65) ? this.#pick(ensembles) : this.#pick(tops);
      const keeps = this.#keepsSequences(name);
      const size = keeps || this.#has(0.7) ? 1 : Math.min(2, this.#batchOf(name));
      const content = this.#has(0.5) ? `c${1 + this.#int(2)}` : '';
      const id = keeps ? 10 * tops.indexOf(name) + 1 + this.#int(3) : 0;
      const starts = keeps && !started.has(`${id}`);
      const ends = keeps && this.#has(0.3);
      if (keeps) {
        if (ends) started.delete(`${id}`);
        else started.add(`${id}`);
      }
      const sequence = keeps ? `s${id}${starts ? '<' : ''}${ends ? '>' : ''}` : '';
      const model = this.#models[name]!;
      const outs = isEnsemble(model) ? stepsOf(model).map(({ gives }) => gives) : [];
      const asked = outs.filter((tensor) => tensor.startsWith('OUT') && tensor !== 'OUT');
      // The simulator has a tenant for each output that is asked for, with sequences of its own.
      const output = asked.length > 0 && !keeps && this.#has(0.4) ? `o${this.#pick(asked)}` : '';
      const priority = this.#has(0.2) ? `p${1 + this.#int(2)}` : '';
      const word = `${size}>${name}@${atMs}${content}${sequence}${output}${priority}`;
      atMs += this.#ms(15, 130);
      return word;
    });
    return words.join(' ');
  }

  #ms(from: number, to: number): number {
    return from + this.#int(to - from + 1);
  }

  #int(bound: number): number {
    return this.#random.nextInt(bound);
  }

  #has(share: number): boolean {
    return this.#random.next() < share;
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.#int(of.length)]!;
  }
}
