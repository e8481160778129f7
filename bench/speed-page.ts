/** The table of speeds as a page, with what it takes to read it. */
export function speedPage(said: readonly string[]): string {
  return `# Speed

\`npm run bench -- --write\` writes this page: requests simulated per second. Each case runs in a process of its own.
After half a second that is not counted, in which V8 compiles the engine, it is repeated: the table has the median of
the repeats with the smallest and the largest, by CPU time of all threads of the process and by wall time. Batching
rules are exact and every latency is recorded.

The reference is \`bench/plain_rule.cpp\`, compiled with -O2 in the same run: the plain rule "take what waits, up to
the largest batch", with none of Triton's rules, by CPU time. For two threads it is one thread, by wall time.

The machine is shared. Wall time holds what else ran on it, so that figures of two pages differ by tens of percent and
more, whatever the code; CPU time holds only what others took of its caches and memory. Two commits are compared by
\`npm run bench -- --against REV --json FILE\`, which runs them in turn and gives the ratio.

\`\`\`text
${said.join('\n').trimEnd()}
\`\`\`
`;
}
