import type { SweepCase } from './case.js';

export interface SweepPage {
  readonly cases: readonly SweepCase[];
  /** What the cases said while they ran. */
  readonly said: readonly string[];
  /** Date, machine and commit. */
  readonly provenance: string;
}

/** Units of which less is better. */
const AT_MOST = new Set(['%', 's', 'files']);

/** The figures as a page, each beside what is asked of it. */
export function sweepPage({ cases, said, provenance }: SweepPage): string {
  const rows = cases.map(({ name, value, bound, unit }) => {
    const isAtMost = AT_MOST.has(unit);
    const reached = isAtMost ? value <= bound : value >= bound;
    const asked = `${isAtMost ? '≤' : '≥'} ${bound} ${unit}`;
    return `| ${name} | ${Number(value.toPrecision(3))} ${unit} | ${asked} | ${reached ? '' : 'missed'} |`;
  });
  return `# Speed of sweeps and plans

\`npm run bench:sweep -- --write\` writes this page; ${provenance}. The machine is shared: figures differ between runs by
tens of percent.

| case | value | asked | |
| --- | --- | --- | --- |
${rows.join('\n')}

What was said meanwhile:

\`\`\`text
${said.join('\n')}
\`\`\`
`;
}
