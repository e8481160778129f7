import { type NextStep, nextSteps } from '../node/here/next-steps.js';

const MOST_LINES = 3;
/** Columns of a terminal. */
const WIDTH = 80;

/** What perseus can answer, and the next command for what lies in a folder: what `perseus` alone says, in ten lines at most. */
export async function orientation(folder: string): Promise<string> {
  const steps = await nextSteps(folder);
  const here =
    steps.length === 0 ? ['Nothing is here yet: perseus init --example two-tenants writes an example.'] : [];
  for (const step of steps.map(stepLines)) if (here.length + step.length <= MOST_LINES) here.push(...step);
  const lines = [
    'perseus predicts latency, throughput, SLOs and cost of models on Triton:',
    ...QUESTIONS.map(([question, command]) => `  ${question.padEnd(WIDEST)}  ${command}`),
    ...here,
    'perseus --help lists all commands, perseus doctor says what live parts miss.',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function stepLines({ name, what, command }: NextStep): string[] {
  const line = `${name} is ${what}: ${command}`;
  if (line.length <= WIDTH) return [line];
  // A shell takes both lines as one.
  const lines =
    command.length + 2 <= WIDTH ? [command] : command.replace(' --out ', ' \\\n  --out ').split('\n');
  return [`${name} is ${what}:`, ...lines.map((part) => `  ${part}`)];
}

const QUESTIONS = [
  ['Does it hold, and how far?', 'perseus simulate SCENARIO --headroom'],
  ['Why is it slow?', 'perseus explain SCENARIO'],
  ['Which of two is better?', 'perseus compare SCENARIO OTHER'],
  ['Which settings, which machines?', 'perseus tune SCENARIO, perseus plan PLAN'],
  ['Is the prediction right?', 'perseus calibrate, perseus validate'],
] as const;

const WIDEST = Math.max(...QUESTIONS.map(([question]) => question.length));
