/** The table of speeds as a page, with what it takes to read it. */
export function speedPage(said: readonly string[]): string {
  return `# Speed

\`npm run bench -- --write\` writes this page: requests simulated per second. Each case runs in a process of its own.
After half a second that is not counted, in which V8 compiles the engine, it is repeated. "Per wall s" is the median
of the repeats, "min to max" their smallest and largest, "per CPU s" the median of the same repeats by CPU time.
Batching rules are exact and every latency is recorded.

The reference is \`bench/plain_rule.cpp\`, compiled with -O2 in the same run: the plain rule "take what waits, up to
the largest batch", with none of Triton's rules, by CPU time. For two threads it is one thread, by wall time. In the
streamed case, drawing the arrivals is part of the time.

This machine is shared. Figures of one page differ from those of another by tens of percent, whatever the code.
\`npm run bench -- --against REV --json FILE\` runs two commits in turn and gives the ratio.

\`\`\`text
${said.join('\n').trimEnd()}
\`\`\`
`;
}
