import { nextSteps } from '../node/here/next-steps.js';

/** The most things in a folder that a next command is told for, so that all fits into ten lines. */
const MOST_STEPS = 3;

/** What perseus can answer, and the next command for what lies in a folder: what `perseus` alone says, in ten lines at most. */
export async function orientation(folder: string): Promise<string> {
  const steps = await nextSteps(folder);
  const here =
    steps.length === 0
      ? ['Nothing is here yet: perseus init --example two-tenants writes an example.']
      : steps.slice(0, MOST_STEPS).map(({ name, what, command }) => `${name} is ${what}: ${command}`);
  const lines = [
    'perseus predicts latency, throughput, SLOs and cost of models on Triton:',
    ...QUESTIONS.map(([question, command]) => `  ${question.padEnd(WIDEST)}  ${command}`),
    ...here,
    'perseus --help lists all commands, perseus doctor says what live parts miss.',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const QUESTIONS = [
  ['Does it hold, and how far?', 'perseus simulate SCENARIO --headroom'],
  ['Why is it slow?', 'perseus explain SCENARIO'],
  ['Which of two is better?', 'perseus compare SCENARIO OTHER'],
  ['Which settings, which machines?', 'perseus tune SCENARIO, perseus plan PLAN'],
  ['Is the prediction right?', 'perseus calibrate, perseus validate'],
] as const;

const WIDEST = Math.max(...QUESTIONS.map(([question]) => question.length));
