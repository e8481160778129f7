/** Parts of the page that no figure of a later run changes. */

export const SIMPLER_MODELS = `## Simpler models

Median errors in percent. One queue, Poisson arrivals, a batch leaves when it is full or its delay ends; nothing is fitted unless said.

| model | Triton, p50 | p99 | other harnesses, p50 | p99 |
| --- | --- | --- | --- | --- |
| a GPU executes one batch at a time, as long as Offline says | 35 | 67 | 37 | 48 |
| all streams side by side, each as many times as long | 61 | 43 | 42 | 27 |
| SingleStream, and 1 / Offline for each further sample | 22 | 60 | 32 | 48 |
| the line through SingleStream and MultiStream; Offline bounds what a GPU does | 21 | 51 | 21 | 45 |
| the same, each batch on a free stream at random, each MIG slice by itself | 17 | 33 | 15 | 22 |
| the same, and one share of Offline for all, chosen without the row's family | 17 | 34 | 18 | 25 |

The fit chose among 33 sets of rules before. Among 8 it predicts rows that were left out better in the median, but for p99 on Triton.`;

export const WIDTH_OF_INTERVALS = `## What makes intervals wide

Of the squared logarithms of measured over predicted, 81 % are common to all percentiles of a benchmark on a system, 41 % to all benchmarks of a system.
Harness, benchmark and percentile tell 12 % or less each. How a system was tuned is in no published figure. One own measurement removes most of the doubt.

Mean interval score, and median half-width in percent, with each group left out of rules and intervals (less is better; all hold 92 to 96 %):

| left out | as published | one constant width | a width for each figure and kind of server |
| --- | --- | --- | --- |
| cell | 1.46, 62 | 1.57, 77 | 1.71, 62 |
| gpu | 1.72, 76 | 1.75, 85 | 2.22, 83 |
| family | 1.63, 74 | 2.01, 93 | 1.72, 75 |
| submitter | 1.77, 74 | 1.72, 73 | 1.93, 57 |

A third of the figures is near saturation: there 4 % of service time move a latency by more than half. The others need more than 25 % too.`;
